namespace Larder;

/// <summary>The right to load one key, for some time. Disposing it gives it back and tells those who wait.</summary>
public interface ILoadLease : IAsyncDisposable
{
    /// <summary>A number above that of every earlier lease on the key: what is written under a lower one comes too late.</summary>
    long Fence { get; }
}
