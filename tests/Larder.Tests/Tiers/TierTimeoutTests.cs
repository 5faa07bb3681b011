using Larder.TestKit;

namespace Larder.Tests.Tiers;

/// <summary>The soft and the hard timeout count from when a reader begins to wait, whatever it waits for.</summary>
public sealed class TierTimeoutTests : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly FakeClock _clock = new();
    private readonly HangingTier _hanging = new() { Hangs = false }; // Let go at the end of each test, before its cache is disposed.

    public async ValueTask DisposeAsync() => await _hanging.DisposeAsync();

    [Fact]
    public async Task A_reader_with_an_old_value_has_it_after_the_soft_timeout_though_a_tier_hangs()
    {
        await using var shop = Shop(soft: 0.2);
        await using var end = _hanging;
        await shop.Cache.SetAsync("a", "old");
        _clock.Advance(TimeSpan.FromSeconds(21));
        _hanging.Hangs = true;
        var read = shop.Cache.ReadAsync("a").AsTask();
        _clock.Advance(TimeSpan.FromSeconds(0.2) - TimeSpan.FromTicks(1));
        Assert.False(read.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((ReadStatus.Fallback, "old"), await read.WaitAsync(_patience) is var served ? (served.Status, served.Value) : default);
        Assert.Equal(0, shop.Calls);

        // The load goes on behind.
        _clock.Advance(TimeSpan.FromSeconds(0.8));
        await shop.Cache.Loads.QuietAsync();
        Assert.Equal("new a", shop.Cache.Peek("a").Value);
    }

    [Fact]
    public async Task A_load_is_given_up_at_the_hard_timeout_though_its_loader_was_not_asked_yet()
    {
        var breaker = new CircuitBreaker(new() { FailureThreshold = 1, TimeProvider = _clock });
        await using var shop = Shop(hard: 0.5, breaker: breaker);
        await using var end = _hanging;
        _hanging.Hangs = true;
        int timers = _clock.ArmedTimers;
        var read = shop.Cache.GetAsync("a").AsTask();
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        await Assert.ThrowsAsync<TimeoutException>(() => read.WaitAsync(_patience));
        Assert.Equal((0, 0), (shop.Calls, shop.Cache.Loads.Abandoned));
        Assert.Equal(TimeSpan.FromSeconds(0.5), shop.Cache.Statistics.LoadTime);
        Assert.Equal(BreakerState.Closed, breaker.State); // What a tier does is not the source's.
        _hanging.Hangs = false;
        _hanging.Let();
        Assert.Equal("new b", await shop.Cache.GetAsync("b"));
        Assert.Equal("new a", await shop.Cache.GetAsync("a"));
        Assert.Equal(2, shop.Calls);
        Assert.True(SpinWait.SpinUntil(() => _clock.ArmedTimers == timers, _patience)); // That of the tier's late answer goes by itself.
    }

    [Fact]
    public async Task What_a_tier_took_is_not_there_for_the_loader_any_more()
    {
        await using var shop = Shop(hard: 3);
        await using var end = _hanging;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        shop.Answers = _ =>
        {
            asked.TrySetResult();
            return new(new TaskCompletionSource<Loaded<string>>().Task);
        };
        _hanging.Hangs = true;
        var read = shop.Cache.GetAsync("a").AsTask();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await asked.Task.WaitAsync(_patience);
        _clock.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.False(read.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<TimeoutException>(() => read.WaitAsync(_patience));
    }

    [Fact]
    public async Task An_old_value_that_a_tier_has_is_served_at_once_if_it_is_found_after_the_soft_timeout()
    {
        var below = new InMemoryTier(timeProvider: _clock);
        await using var shop = Shop(soft: 0.2, below: below);
        await using var end = _hanging;
        await shop.Cache.SetAsync("a", "old");
        await shop.Cache.RemoveAsync("a", Skip.TierWrite | Skip.Others);
        _clock.Advance(TimeSpan.FromSeconds(21));
        shop.Answers = static _ => new(new TaskCompletionSource<Loaded<string>>().Task);
        _hanging.Hangs = true;
        var read = shop.Cache.ReadAsync("a").AsTask();
        _clock.Advance(TimeSpan.FromSeconds(1));

        // A timer without time left fires when the clock is touched.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                _clock.Advance(TimeSpan.Zero);
                return read.IsCompleted;
            },
            _patience));

        Assert.Equal((ReadStatus.Fallback, "old"), await read.WaitAsync(_patience) is var served ? (served.Status, served.Value) : default);
    }

    [Fact]
    public async Task Keys_of_one_read_that_wait_for_their_turn_have_their_time_still()
    {
        await using var shop = Shop(hard: 1, change: static o => o with { Batches = o.Batches with { MaxParallel = 1 } });
        await using var end = _hanging;
        var calls = System.Threading.Channels.Channel.CreateUnbounded<TaskCompletionSource<Loaded<string>>>();
        shop.Answers = _ =>
        {
            var call = new TaskCompletionSource<Loaded<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
            calls.Writer.TryWrite(call);
            return new(call.Task);
        };
        var read = shop.Cache.GetManyAsync(["a", "b", "c"]).AsTask();
        for (int i = 0; i < 3; i++)
        {
            var call = await calls.Reader.ReadAsync().AsTask().WaitAsync(_patience);
            _clock.Advance(TimeSpan.FromSeconds(0.9));
            call.SetResult("made");
        }

        Assert.Equal(3, (await read).Count);
    }

    [Fact]
    public async Task A_lease_that_comes_after_the_load_was_given_up_is_given_back()
    {
        var leases = new LateLeases();
        await using var shop = Shop(hard: 0.5, below: new InMemoryTier(timeProvider: _clock, isShared: true), change: o => o with { Coherence = new(new InProcessBus().Join()) { Leases = leases } });
        await using var end = _hanging;
        var read = shop.Cache.GetAsync("a").AsTask();
        await leases.Asked.Task.WaitAsync(_patience);
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        await Assert.ThrowsAsync<TimeoutException>(() => read.WaitAsync(_patience));
        leases.Given.SetResult();
        await leases.GivenBack.Task.WaitAsync(_patience);
        Assert.Equal(0, shop.Calls);
    }

    private TieredShop Shop(double? soft = null, double? hard = null, CircuitBreaker? breaker = null, ICacheTier? below = null, Func<LoadingCacheOptions<string, string>, LoadingCacheOptions<string, string>>? change = null) => new(
        [new(_hanging) { ReadTimeout = TimeSpan.FromSeconds(1), IsOwned = false }, .. below is null ? Array.Empty<TierOptions>() : [new(below)]],
        _clock,
        o =>
        {
            o = o with { Failure = o.Failure with { SoftTimeout = Seconds(soft), HardTimeout = Seconds(hard), Breaker = breaker } };
            return change?.Invoke(o) ?? o;
        });

    private static TimeSpan? Seconds(double? seconds) => seconds is { } some ? TimeSpan.FromSeconds(some) : null;

    private sealed class LateLeases : ILoadLeases, ILoadLease
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Given { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource GivenBack { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<IReadOnlyList<ILoadLease?>> AcquireAsync(IReadOnlyList<TierKey> keys, TimeSpan duration, CancellationToken cancellationToken = default)
        {
            Asked.SetResult();
            await Given.Task;
            return [this];
        }

        public long Fence => 1;

        public ValueTask WaitAsync(TierKey key, CancellationToken cancellationToken = default) => default;

        public ValueTask DisposeAsync()
        {
            GivenBack.TrySetResult();
            return default;
        }
    }
}
