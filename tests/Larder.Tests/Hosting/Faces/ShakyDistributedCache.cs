using Microsoft.Extensions.Caching.Distributed;

namespace Larder.Tests.Hosting.Faces;

/// <summary>How a member of a distributed cache fails.</summary>
public enum Fails
{
    /// <summary>It does not.</summary>
    Never,

    /// <summary>It throws, where it should return a task.</summary>
    AtOnce,

    /// <summary>It returns a task that has failed.</summary>
    AsTask,

    /// <summary>It returns a task that fails afterwards.</summary>
    Later,
}

/// <summary>A distributed cache of nobody's whom a registration knows, without buffers and without synchronous members, that fails when it is told to.</summary>
internal sealed class ShakyDistributedCache(IDistributedCache cache) : IDistributedCache
{
    public Fails Reads { get; set; }

    public Fails Writes { get; set; }

    public byte[]? Get(string key) => throw new NotSupportedException();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public void Refresh(string key) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Failed<byte[]?>(Reads) ?? cache.GetAsync(key, token);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Failed<int>(Writes) ?? cache.SetAsync(key, value, options, token);

    public Task RefreshAsync(string key, CancellationToken token = default) => Failed<int>(Writes) ?? cache.RefreshAsync(key, token);

    public Task RemoveAsync(string key, CancellationToken token = default) => Failed<int>(Writes) ?? cache.RemoveAsync(key, token);

    private static Task<T>? Failed<T>(Fails how)
    {
        return how switch
        {
            Fails.Never => null,
            Fails.AtOnce => throw new IOException("It fails at once."),
            Fails.AsTask => Task.FromException<T>(new IOException("It has failed.")),
            _ => Later(),
        };

        static async Task<T> Later()
        {
            await Task.Yield();
            throw new IOException("It fails later.");
        }
    }
}
