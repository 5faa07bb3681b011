using Larder.TestKit;

namespace Larder.Contracts.Faces;

/// <summary>A contract of one of Microsoft's caches: each test has an empty one, on a clock that only the test moves.</summary>
public abstract class FaceContract<TCache> : IAsyncLifetime where TCache : class
{
    protected FakeClock Clock { get; } = new();

    protected TCache Cache { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An empty cache.</summary>
    protected abstract TCache Open();

    public ValueTask InitializeAsync()
    {
        Cache = Open();
        return default;
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Cache is IAsyncDisposable disposable) await disposable.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
