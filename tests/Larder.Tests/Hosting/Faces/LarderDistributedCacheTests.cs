using System.Collections.Concurrent;
using Larder.TestKit;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace Larder.Tests.Hosting.Faces;

/// <summary>What is ours alone: copies, cancellation, tiers that others share, and no deadlock of the synchronous members.</summary>
public sealed class LarderDistributedCacheTests
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly FakeClock _clock = new();

    [Fact]
    public void One_line_in_a_container_takes_the_place_of_Microsofts()
    {
        using var provider = new ServiceCollection().AddDistributedMemoryCache().AddLarderDistributedCache().BuildServiceProvider();
        var cache = Assert.Single(provider.GetServices<IDistributedCache>());
        Assert.IsAssignableFrom<IBufferDistributedCache>(cache);
        Assert.Same(provider.GetRequiredService<LarderDistributedCache>(), cache);
        cache.SetString("key", "value");
        Assert.Equal(1, provider.GetRequiredService<LarderDistributedCache>().Statistics.Sets);
    }

    [Fact]
    public void A_fault_of_the_options_is_named_as_they_are() =>
        Assert.Equal("SizeLimit is 0; it must be at least 1. (Parameter 'options')", Assert.Throws<ArgumentException>(static () => new LarderDistributedCache(new() { SizeLimit = 0 })).Message);

    [Fact]
    public async Task What_a_caller_does_to_its_arrays_changes_nothing()
    {
        await using var cache = new LarderDistributedCache();
        byte[] given = [1, 2];
        cache.Set("key", given, new());
        given[0] = 9;
        cache.Get("key")![1] = 9;
        Assert.Equal([1, 2], cache.Get("key"));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_does_nothing()
    {
        await using var cache = new LarderDistributedCache();
        var cancelled = new CancellationToken(canceled: true);
        cache.Set("key", [1], new());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.GetAsync("key", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.SetAsync("key", [2], new(), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.RemoveAsync("key", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.RefreshAsync("key", cancelled));
        Assert.Equal([1], cache.Get("key"));
    }

    [Fact]
    public async Task A_value_beyond_the_memory_is_not_kept_without_tiers()
    {
        await using var cache = new LarderDistributedCache(new() { SizeLimit = 10 });
        cache.Set("fits", new byte[10], new());
        Assert.NotNull(cache.Get("fits"));
        cache.Set("large", new byte[11], new());
        Assert.Null(cache.Get("large"));
    }

    [Fact]
    public async Task Uses_in_one_process_keep_an_entry_alive_for_another()
    {
        var shared = new InMemoryTier(timeProvider: _clock, isShared: true);
        await using LarderDistributedCache one = new(new() { TimeProvider = _clock, Tiers = [new(shared)] }), other = new(new() { TimeProvider = _clock, Tiers = [new(shared)] });
        one.Set("key", [1], new() { SlidingExpiration = _minute });
        for (int i = 0; i < 20; i++)
        {
            _clock.Advance(0.3 * _minute);
            Assert.Equal([1], one.Get("key"));
            await WrittenAsync(one);
        }

        _clock.Advance(0.7 * _minute);
        Assert.Equal([1], other.Get("key"));
        await WrittenAsync(other);
        _clock.Advance(0.9 * _minute);
        Assert.Equal([1], one.Get("key"));
        _clock.Advance(1.3 * _minute);
        Assert.Null(one.Get("key"));
        Assert.Null(other.Get("key"));
    }

    [Fact]
    public async Task Uses_are_written_though_the_wall_clock_was_set_back()
    {
        var shared = new InMemoryTier(timeProvider: _clock, isShared: true);
        await using LarderDistributedCache cache = new(new() { TimeProvider = _clock, Tiers = [new(shared)] });
        cache.Set("key", [1], new() { SlidingExpiration = _minute });
        _clock.StepWallClock(-TimeSpan.FromHours(1));
        Assert.Equal([1], cache.Get("key"));
        await WrittenAsync(cache);
        Assert.Equal(2, cache.Cache.Loads.Tiers!.Tiers[0].Statistics.Writes);
    }

    [Fact]
    public async Task A_use_never_writes_an_old_value_over_a_new_one()
    {
        await using var cache = new LarderDistributedCache(new() { TimeProvider = _clock, Tiers = [new(new InMemoryTier(timeProvider: _clock))] });
        for (int round = 0; round < 200; round++)
        {
            cache.Set("key", [1], new() { SlidingExpiration = _minute });
            _clock.Advance(_minute / 2);
            var reading = Task.Run(() => cache.Get("key"), TestContext.Current.CancellationToken);
            cache.Set("key", [2], new() { SlidingExpiration = _minute });
            await reading;
            Assert.Equal([2], cache.Get("key"));
        }
    }

    [Fact]
    public async Task The_synchronous_members_do_not_wait_for_the_context_they_block()
    {
        await using var cache = new LarderDistributedCache(new() { SizeLimit = 1, Tiers = [new(new FlakyTier(new InMemoryTier(), 1, 0)) { ReadTimeout = _minute, WriteTimeout = _minute }] });
        var done = new TaskCompletionSource<byte[]?>();
        var loop = new Loop();
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(loop);
            cache.Set("key", [1, 2], new() { SlidingExpiration = TimeSpan.FromMinutes(1) });
            cache.Refresh("key");
            byte[]? found = cache.Get("key");
            cache.Remove("key");
            done.SetResult(found);
        });
        thread.Start();
        Assert.Equal([1, 2], await done.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Empty(loop.Posted);
    }

    // What is awaited ends by itself, in the background; only a fault makes it last.
    private static async Task WrittenAsync(LarderDistributedCache cache)
    {
        for (int i = 0; cache.Cache.Loads.Tiers!.Tiers[0].Writer.Waiting > 0; i++)
        {
            Assert.True(i < 30_000, "The tier has not been written.");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    // A context that runs nothing, as one whose only thread is blocked.
    private sealed class Loop : SynchronizationContext
    {
        public ConcurrentQueue<object?> Posted { get; } = [];

        public override void Post(SendOrPostCallback d, object? state) => Posted.Enqueue(state);
    }
}
