namespace Larder.Tests;

/// <summary>What is said of what was disposed: the name that its users know, and not a type's of ours.</summary>
public sealed class DisposalTests
{
    [Fact]
    public async Task A_disposed_cache_is_called_by_its_name()
    {
        var cache = new Cache<int, string?[]>();
        cache.Dispose();
        Assert.Equal("Cache<int, string[]>", Assert.Throws<ObjectDisposedException>(() => cache.TryGet(1, out _)).ObjectName);

        var leasing = new LeasingCache<Guid, Stream>();
        leasing.Dispose();
        Assert.Equal("LeasingCache<Guid, Stream>", Assert.Throws<ObjectDisposedException>(() => leasing.TryLease(default, out _)).ObjectName);

        var loading = new LoadingCache<int, int>(static (key, _) => new(key), new() { Name = "users", Writing = new(Writer.For<int, int>(static (_, _) => default)) { Behind = new() }, Warming = new() });
        await loading.DisposeAsync();
        foreach (var call in new Func<Task>[]
                 {
                     () => loading.GetAsync(1).AsTask(), () => loading.SetAsync(1, 1).AsTask(), () => loading.ReadManyAsync([]).AsTask(), () => loading.StartAsync().AsTask(),
                 })
            Assert.Equal("users", (await Assert.ThrowsAsync<ObjectDisposedException>(call)).ObjectName);
    }

    [Fact]
    public async Task Nothing_can_be_flushed_any_more()
    {
        var cache = new LoadingCache<int, int>(static (key, _) => new(key));
        await cache.FlushAsync();
        await cache.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.FlushAsync());
    }
}
