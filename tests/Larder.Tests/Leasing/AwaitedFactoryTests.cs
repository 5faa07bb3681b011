namespace Larder.Tests.Leasing;

public sealed class AwaitedFactoryTests
{
    private static readonly TimeSpan _most = TimeSpan.FromSeconds(30);

    [Theory]
    [MemberData(nameof(Between.All), MemberType = typeof(Between))]
    public async Task What_a_factory_brings_is_leased_to_all_who_asked_and_disposed_after_the_last(string between)
    {
        using var cache = Between.CacheFor(between);
        var source = new TaskCompletionSource<Asset>();
        int calls = 0;
        ValueTask<Asset> Make(int key, CancellationToken cancel)
        {
            calls++;
            return new(source.Task);
        }

        var asked = Enumerable.Range(0, 3).Select(_ => cache.GetOrAddAsync(1, Make).AsTask()).ToArray();
        Between.Happens(between, cache);
        using var asset = new Asset();
        source.SetResult(asset);
        var leases = await Task.WhenAll(asked).WaitAsync(_most);
        Assert.Same(asset, leases[0].Value);
        Assert.Equal((1, 2L, 1L), (calls, cache.Statistics.Joins, cache.Statistics.Loads));
        Between.IsDisposedAfterTheLast(between, cache, leases);
    }

    [Fact]
    public async Task A_value_that_is_there_is_leased_at_once()
    {
        using var cache = new LeasingCache<int, Asset>();
        using var asset = new Asset();
        (await cache.GetOrAddAsync(1, static (_, made, _) => new(made), asset)).Dispose();
        var lease = cache.GetOrAddAsync(1, static (_, _) => throw new FormatException("factory"));
        Assert.True(lease.IsCompletedSuccessfully);
        Assert.Same(asset, (await lease).Value);
    }

    [Fact]
    public async Task Who_cancels_waits_no_longer_and_the_others_get_what_the_factory_brings()
    {
        using var cache = new LeasingCache<int, Asset>();
        using var cancellation = new CancellationTokenSource();
        var source = new TaskCompletionSource<Asset>();
        CancellationToken told = default;
        var first = cache.GetOrAddAsync(1, (_, cancel) => { told = cancel; return new(source.Task); }, cancellation.Token).AsTask();
        var second = cache.GetOrAddAsync(1, static (_, _) => throw new FormatException("second factory")).AsTask();
        await cancellation.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(_most));
        Assert.Equal(cancellation.Token, thrown.CancellationToken);
        Assert.False(told.IsCancellationRequested);
        source.SetResult(new Asset());
        using var lease = await second.WaitAsync(_most);
        Assert.Equal((0, 1), (lease.Value.Disposals, cache.Count));
    }

    [Fact]
    public async Task When_nobody_waits_any_more_the_factory_is_cancelled_and_what_it_still_brings_is_disposed()
    {
        using var cache = new LeasingCache<int, Asset>();
        using CancellationTokenSource one = new(), other = new();
        var source = new TaskCompletionSource<Asset>();
        var cancelled = new TaskCompletionSource();
        ValueTask<Asset> Make(int key, CancellationToken cancel)
        {
            cancel.Register(cancelled.SetResult);
            cancel.Register(static () => throw new FormatException("listener"));
            return new(source.Task);
        }

        var first = cache.GetOrAddAsync(1, Make, one.Token).AsTask();
        var second = cache.GetOrAddAsync(1, Make, other.Token).AsTask();
        await one.CancelAsync();
        await other.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(_most));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(_most));
        await cancelled.Task.WaitAsync(_most);

        // Whoever asks now has another factory called, and the first one's value does not get in its way.
        using Asset late = new(), anew = new();
        var third = cache.GetOrAddAsync(1, (_, _) => new(anew)).AsTask();
        source.SetResult(late);
        Assert.Same(anew, (await third.WaitAsync(_most)).Value);
        Assert.True(SpinWait.SpinUntil(() => late.Disposals == 1, _most));
        Assert.Equal((0, 1, 0L), (anew.Disposals, cache.Count, cache.Statistics.LoadFailures));
    }

    [Fact]
    public async Task A_factory_that_fails_tells_all_who_asked_and_leaves_nothing_behind()
    {
        using var cache = new LeasingCache<int, Asset>(new() { Weigher = static (key, _) => key == 3 ? throw new FormatException("weigher") : 1 });
        using var asset = new Asset();
        var source = new TaskCompletionSource<Asset>();
        var asked = Enumerable.Range(0, 3).Select(_ => cache.GetOrAddAsync(1, (_, _) => new(source.Task)).AsTask()).ToArray();
        source.SetException(new FormatException("factory"));
        foreach (var one in asked) Assert.Equal("factory", (await Assert.ThrowsAsync<FormatException>(() => one.WaitAsync(_most))).Message);
        Assert.Equal("at once", (await Assert.ThrowsAsync<FormatException>(async () => await cache.GetOrAddAsync(1, static (_, _) => throw new FormatException("at once")))).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await cache.GetOrAddAsync(2, static (_, _) => new((Asset)null!)));
        Assert.Equal("weigher", (await Assert.ThrowsAsync<FormatException>(async () => await cache.GetOrAddAsync(3, (_, _) => new(asset)))).Message);
        Assert.Equal((1, 0, 4L), (asset.Disposals, cache.Undisposed, cache.Statistics.LoadFailures));
        (await cache.GetOrAddAsync(1, static (_, _) => new(new Asset()))).Dispose();
        Assert.Equal(1, cache.Undisposed);
    }

    [Fact]
    public async Task Factories_that_are_waited_for_and_those_that_are_not_go_side_by_side()
    {
        using var cache = new LeasingCache<int, Asset>();
        using Asset awaited = new(), made = new();
        var source = new TaskCompletionSource<Asset>();
        var first = cache.GetOrAddAsync(1, (_, _) => new(source.Task)).AsTask();
        using var lease = cache.GetOrAdd(1, _ => made);
        source.SetResult(awaited);
        (await first.WaitAsync(_most)).Dispose();
        Assert.Equal((1, 0, 1), (awaited.Disposals, made.Disposals, cache.Count));
    }

    [Fact]
    public async Task Who_is_cancelled_already_or_asks_a_disposed_cache_is_told()
    {
        var cache = new LeasingCache<int, Asset>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cache.GetOrAddAsync(1, static (_, _) => new(new Asset()), new CancellationToken(true)));
        Assert.Equal(0, cache.Undisposed);
        cache.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await cache.GetOrAddAsync(1, static (_, _) => new(new Asset())));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await cache.GetOrAddAsync(1, null!));
    }
}
