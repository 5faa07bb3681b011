using Larder.TestKit;

namespace Larder.Tests.Tiers;

/// <summary>A tier that fails, hangs or comes back: readers never notice but by the loads, and no removal is forgotten.</summary>
public sealed class FailingTierTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly InMemoryTier _store;
    private readonly FlakyTier _tier;
    private readonly TieredShop _shop;

    public FailingTierTests()
    {
        _store = new(timeProvider: _clock);
        _tier = new(_store, seed: 1, failing: 0, slow: 0);
        _shop = new([new(_tier) { IsOwned = false, MaxWaiting = 20, MaxWaitingBytes = 2_000 }], _clock);
    }

    [Fact]
    public async Task A_tier_that_fails_is_a_miss_and_after_some_failures_it_is_left_alone()
    {
        _tier.IsDown = true;
        for (int i = 0; i < 10; i++) Assert.Equal($"new {i}", await _shop.Cache.GetAsync($"{i}"));
        await _shop.Settled();
        Assert.Equal(10, _shop.Calls);
        var did = _shop.Tier(0);
        Assert.Equal(BreakerState.Open, did.Breaker);
        Assert.InRange(_tier.Failures, 5, 6); // A write may have been under way when the fifth failed.
        Assert.True(did.Bypassed > 0);
        Assert.Equal(10, did.Waiting);
    }

    [Fact]
    public async Task Writes_and_removals_that_a_tier_missed_are_done_when_it_is_back_the_newest_alone()
    {
        await _shop.Cache.SetAsync("kept", "old");
        await _shop.Cache.SetAsync("removed", "old");
        _tier.IsDown = true;
        await _shop.Cache.SetAsync("kept", "newer");
        await _shop.Cache.SetAsync("kept", "newest");
        await _shop.Cache.RemoveAsync("removed");
        Assert.Equal(2, _shop.Tier(0).Waiting);
        _tier.IsDown = false;
        await _shop.Recovered();
        await using var other = new TieredShop([new(_store) { IsOwned = false }], _clock);
        Assert.Equal("newest", await other.Cache.GetAsync("kept"));
        Assert.Equal("new removed", await other.Cache.GetAsync("removed"));
    }

    [Fact]
    public async Task While_a_removal_waits_the_older_value_in_the_tier_is_not_read()
    {
        await _shop.Cache.SetAsync("a", "old");
        _tier.IsDown = true;
        await _shop.Cache.RemoveAsync("a");
        _tier.IsDown = false;
        Assert.Equal("new a", await _shop.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task While_a_write_waits_it_is_read_from_the_queue()
    {
        _tier.IsDown = true;
        await _shop.Cache.SetAsync("a", "written");
        _shop.Cache.Capacity = 1;
        await _shop.Cache.SetAsync("b", "the other is evicted");
        Assert.False(_shop.Cache.Contains("a"));
        var read = await _shop.Cache.ReadAsync("a");
        Assert.Equal(("written", "flaky", 0), (read.Value, read.Tier, _shop.Calls));
    }

    [Fact]
    public async Task When_too_many_changes_wait_the_tier_is_cleared_before_it_is_read_again()
    {
        for (int i = 0; i < 30; i++) await _shop.Cache.SetAsync($"{i}", "old");
        _tier.IsDown = true;
        for (int i = 0; i < 30; i++) await _shop.Cache.RemoveAsync($"{i}");
        Assert.Equal(1, _shop.Tier(0).Overflows);
        _tier.IsDown = false;
        Assert.Equal("new 29", await _shop.Cache.GetAsync("29"));
        await _shop.Recovered();
        Assert.Equal(0, _store.Count);
        await _shop.Cache.SetAsync("after", "is kept again");
        Assert.Equal(1, _store.Count);
    }

    [Fact]
    public async Task A_value_for_which_there_is_no_room_in_the_queue_is_removed_from_the_tier_instead()
    {
        await _shop.Cache.SetAsync("a", "old");
        _tier.IsDown = true;
        await _shop.Cache.SetAsync("b", new string('b', 1500));
        await _shop.Cache.SetAsync("a", new string('a', 1500));
        _tier.IsDown = false;
        await _shop.Recovered();
        Assert.Equal(1, _store.Count);
        await using var other = new TieredShop([new(_store) { IsOwned = false }], _clock);
        Assert.Equal("new a", await other.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task A_write_that_waited_for_a_shared_tier_does_not_replace_what_another_process_wrote_later()
    {
        var store = new InMemoryTier(timeProvider: _clock, isShared: true);
        var link = new FlakyTier(store, seed: 2, failing: 0, slow: 0) { IsDown = true };
        await using var cutOff = new TieredShop([new(link) { IsOwned = false }], _clock);
        await cutOff.Cache.SetAsync("a", "older");
        await cutOff.Cache.SetAsync("b", "mine alone");
        await cutOff.Cache.RemoveAsync("c");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await using (var other = new TieredShop([new(store) { IsOwned = false }], _clock))
        {
            await other.Cache.SetAsync("a", "newer");
            await other.Cache.SetAsync("c", "newer");
        }

        link.IsDown = false;
        await cutOff.Recovered();
        Assert.Equal(1, cutOff.Tier(0).Overtaken);
        await using var third = new TieredShop([new(store) { IsOwned = false }], _clock);
        Assert.Equal(("newer", "mine alone", "new c"), (await third.Cache.GetAsync("a"), await third.Cache.GetAsync("b"), await third.Cache.GetAsync("c")));
    }

    [Fact]
    public async Task A_write_that_waited_waits_on_while_a_shared_tier_cannot_say_what_it_has_of_its_key()
    {
        var store = new InMemoryTier(timeProvider: _clock, isShared: true);
        await using (var other = new TieredShop([new(store) { IsOwned = false }], _clock)) await other.Cache.SetAsync("a", "older");
        _clock.Advance(TimeSpan.FromSeconds(1));
        var parted = new PartedTier(store);
        var link = new FlakyTier(parted, seed: 3, failing: 0, slow: 0) { IsDown = true };
        await using var cutOff = new TieredShop([new(link) { IsOwned = false }], _clock);
        await cutOff.Cache.SetAsync("a", "newer");
        parted.Unasked = 2;
        link.IsDown = false;
        await cutOff.Recovered();
        Assert.Equal((0, 0), (parted.Unasked, cutOff.Tier(0).Overtaken));
        await using var third = new TieredShop([new(store) { IsOwned = false }], _clock);
        Assert.Equal("newer", await third.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task A_tier_that_does_not_answer_holds_nobody_longer_than_its_timeout()
    {
        await using var hanging = new HangingTier();
        await using var shop = new TieredShop([new(hanging) { ReadTimeout = TimeSpan.FromSeconds(1), WriteTimeout = TimeSpan.FromSeconds(2) }], _clock);
        var read = shop.Cache.GetAsync("a").AsTask();
        var write = shop.Cache.SetAsync("b", "set").AsTask();
        Assert.False(read.IsCompleted || write.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new a", await read);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await write;
        Assert.Equal("set", shop.Cache.Peek("b").Value);
        hanging.Let();
        await shop.Settled();
        Assert.Equal(0, shop.Tier(0).Waiting);
    }

    [Fact]
    public async Task A_caller_who_turns_away_from_a_slow_tier_has_written_all_the_same()
    {
        await using var hanging = new HangingTier();
        await using var shop = new TieredShop([new(hanging)], _clock);
        using var cancel = new CancellationTokenSource();
        var write = shop.Cache.SetAsync("a", "set", cancellationToken: cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Equal("set", await shop.Cache.GetAsync("a"));
        hanging.Let();
    }

    public async ValueTask DisposeAsync() => await _shop.DisposeAsync();

    /// <summary>Some times cannot be asked for what it has, though it is there.</summary>
    private sealed class PartedTier(ICacheTier inner) : ICacheTier
    {
        public int Unasked { get; set; }

        public string Name => "parted";

        public bool IsShared => true;

        public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default)
        {
            if (Unasked == 0) return inner.GetAsync(keys, receiver, cancellationToken);
            Unasked--;
            for (int i = 0; i < keys.Count; i++) receiver.Stamped(i, TierStamp.Nothing);
            return default;
        }

        public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default) => inner.SetAsync(entries, cancellationToken);

        public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default) => inner.RemoveAsync(keys, cancellationToken);

        public ValueTask ClearAsync(CancellationToken cancellationToken = default) => inner.ClearAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
