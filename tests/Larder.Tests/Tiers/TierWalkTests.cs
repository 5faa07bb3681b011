using Larder.TestKit;

namespace Larder.Tests.Tiers;

/// <summary>The way of a read from memory through the tiers to the loaders, and of writes and removals the other way.</summary>
public sealed class TierWalkTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task What_was_loaded_is_in_the_tier_and_is_read_from_it_by_another_cache()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using (var first = Over(tier))
        {
            Assert.Equal("new a", await first.Cache.GetAsync("a"));
            await first.Settled();
            Assert.Equal(1, first.Tier(0).Writes);
        }

        _clock.Advance(TimeSpan.FromSeconds(4));
        await using var second = Over(tier);
        var read = await second.Cache.ReadAsync("a");
        Assert.Equal(("new a", ReadStatus.Hit, "memory-tier"), (read.Value, read.Status, read.Tier));
        Assert.Equal(TimeSpan.FromSeconds(4), read.Age);
        Assert.Equal(TimeSpan.FromSeconds(6), read.FreshFor);
        Assert.Equal(TimeSpan.FromSeconds(26), read.KeptFor);
        Assert.Equal(0, second.Calls);
        Assert.Equal("memory", (await second.Cache.ReadAsync("a")).Tier);
    }

    [Fact]
    public async Task A_stale_value_from_a_tier_is_served_and_refreshed()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using (var first = Over(tier)) await first.Cache.SetAsync("a", "old");
        _clock.Advance(TimeSpan.FromSeconds(15));
        await using var second = Over(tier);
        var read = await second.Cache.ReadAsync("a");
        Assert.Equal(("old", ReadStatus.Stale), (read.Value, read.Status));
        await second.Cache.Loads.QuietAsync();
        Assert.Equal("new a", second.Cache.Peek("a").Value);
        Assert.Equal(1, second.Calls);
    }

    [Fact]
    public async Task An_expired_value_from_a_tier_is_served_only_if_the_loader_fails_and_is_in_memory_then()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using (var first = Over(tier)) await first.Cache.SetAsync("a", "old");
        _clock.Advance(TimeSpan.FromSeconds(25));
        await using var second = Over(tier);
        second.Answers = static request => request.Old.Value == "old" ? throw new TimeZoneNotFoundException() : new("not told of the old value");
        var read = await second.Cache.ReadAsync("a");
        Assert.Equal(("old", ReadStatus.Fallback), (read.Value, read.Status));
        Assert.IsType<TimeZoneNotFoundException>(read.Error);
        Assert.Equal("old", second.Cache.Peek("a", includesExpired: true).Value);
    }

    [Fact]
    public async Task A_hit_in_the_lower_tier_fills_the_upper_one_for_no_longer_than_is_left()
    {
        InMemoryTier upper = new(timeProvider: _clock, name: "upper"), lower = new(timeProvider: _clock, name: "lower");
        await using (var first = Over(lower)) await first.Cache.SetAsync("a", "old");
        _clock.Advance(TimeSpan.FromSeconds(4));
        await using (var second = Over(upper, lower))
        {
            Assert.Equal("lower", (await second.Cache.ReadAsync("a")).Tier);
            await second.Settled();
            Assert.Equal((1, 0), (second.Tier(0).Writes, second.Tier(1).Writes));
        }

        await using var third = Over(upper);
        var read = await third.Cache.ReadAsync("a");
        Assert.Equal(("upper", TimeSpan.FromSeconds(6)), (read.Tier, read.FreshFor));
    }

    [Fact]
    public async Task A_tier_with_a_longer_lifetime_renews_memory_without_the_loader()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using var shop = new TieredShop([new(tier) { Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) }], _clock);
        await shop.Cache.GetAsync("a");
        await shop.Settled();
        _clock.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal(ReadStatus.Stale, (await shop.Cache.ReadAsync("a")).Status);
        await shop.Cache.Loads.QuietAsync();
        Assert.Equal(1, shop.Calls);
        var read = await shop.Cache.ReadAsync("a");
        Assert.Equal((ReadStatus.Hit, TimeSpan.FromSeconds(12)), (read.Status, read.Age));
    }

    [Fact]
    public async Task Many_keys_go_down_as_one_batch_and_only_what_is_nowhere_is_loaded()
    {
        var tier = new CountingTier(new InMemoryTier(timeProvider: _clock));
        await using (var first = Over(tier)) await first.Cache.ReadManyAsync(["a", "b", "c"]);
        await using var second = Over(tier);
        tier.Gets = 0;
        var read = await second.Cache.ReadManyAsync(["a", "b", "c", "d"]);
        Assert.Equal(1, tier.Gets);
        Assert.Equal(1, second.Calls);
        Assert.Equal([null, "memory-tier", "memory-tier", "memory-tier"], read.OrderByDescending(static r => r.Key).Select(static r => r.Value.Tier));
    }

    [Fact]
    public async Task Many_writes_and_removals_go_down_together()
    {
        var tier = new CountingTier(new InMemoryTier(timeProvider: _clock));
        await using var shop = Over(tier);
        var first = tier.Hold();
        var setting = shop.Cache.SetManyAsync(Enumerable.Range(0, 200).Select(static i => KeyValuePair.Create($"{i}", "x")));
        first.SetResult(); // All are on their way by now.
        await setting;
        Assert.InRange(tier.Sets, 1, 20);
        Assert.Equal(200, shop.Tier(0).Writes);
        first = tier.Hold();
        var removing = shop.Cache.RemoveManyAsync(Enumerable.Range(100, 200).Select(static i => $"{i}"));
        first.SetResult();
        Assert.Equal(100, await removing);
        Assert.InRange(tier.Removes, 1, 20);
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await shop.Cache.SetManyAsync([new("a", "x"), new(null!, "x"), new("b", "x")]));
        Assert.True(shop.Cache.Contains("a") && shop.Cache.Contains("b"));
    }

    [Fact]
    public async Task What_fills_a_tier_above_lives_no_longer_than_that_tiers_own_lifetime()
    {
        InMemoryTier upper = new(timeProvider: _clock, name: "upper"), lower = new(timeProvider: _clock, name: "lower");
        await using (var first = Over(lower)) await first.Cache.SetAsync("a", "old");
        TierOptions above = new(upper) { IsOwned = false, Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(3)) };
        await using (var second = new TieredShop([above, new(lower) { IsOwned = false }], _clock))
        {
            await second.Cache.GetAsync("a");
            await second.Settled();
        }

        await using var third = Over(upper);
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3)), ((await third.Cache.ReadAsync("a")).FreshFor, third.Cache.Peek("a").KeptFor));
    }

    [Fact]
    public async Task Without_loaders_a_key_that_no_tier_has_is_a_miss()
    {
        await using var shop = new TieredShop([new(new InMemoryTier(timeProvider: _clock))], _clock, static options => options with { Loaders = [] });
        var read = await shop.Cache.ReadAsync("a");
        Assert.Equal((ReadStatus.Miss, false, null), (read.Status, read.HasValue, read.Tier));
        Assert.False(shop.Cache.Contains("a"));
        await shop.Cache.SetAsync("a", "set");
        Assert.Equal("set", await shop.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task Writes_absences_and_removals_reach_every_tier_before_they_end()
    {
        InMemoryTier upper = new(timeProvider: _clock), lower = new(timeProvider: _clock);
        await using var shop = new TieredShop([new(upper) { IsOwned = false }, new(lower) { IsOwned = false }], _clock);
        await shop.Cache.SetAsync("a", "set");
        await shop.Cache.SetAbsentAsync("b");
        Assert.Equal((2, 2), (upper.Count, lower.Count));
        Assert.True(await shop.Cache.RemoveAsync("a"));
        Assert.Equal((1, 1), (upper.Count, lower.Count));
        await using (var other = Over(lower))
        {
            var read = await other.Cache.ReadAsync("b");
            Assert.Equal((ReadStatus.Absent, 0), (read.Status, other.Calls));
        }

        await shop.Cache.SetAsync("c", "set");
        await shop.Cache.ClearAsync();
        Assert.Equal(0, upper.Count);
    }

    [Fact]
    public async Task A_forced_refresh_asks_the_loader_whatever_the_tiers_have()
    {
        await using var shop = Over(new InMemoryTier(timeProvider: _clock));
        await shop.Cache.SetAsync("a", "old");
        Assert.Equal("new a", (await shop.Cache.RefreshAsync("a")).Value);
        Assert.Equal(1, shop.Calls);
    }

    [Fact]
    public async Task Warming_takes_from_a_tier_what_is_fresh_there()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using (var first = Over(tier)) await first.Cache.SetAsync("a", "set");
        await using var second = Over(tier);
        await second.Cache.WarmAsync(["a", "b"]);
        Assert.Equal(1, second.Calls);
        Assert.Equal("set", second.Cache.Peek("a").Value);
    }

    [Fact]
    public async Task What_cannot_be_read_is_a_counted_miss_and_is_removed()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using var shop = new TieredShop([new(tier) { IsOwned = false }], _clock);
        await tier.SetAsync([new(TieredShop.Name("a"), "rubbish"u8.ToArray(), DateTimeOffset.MaxValue), new(TieredShop.Name("b"), new byte[100], DateTimeOffset.MaxValue)]);
        Assert.Equal("new a", await shop.Cache.GetAsync("a"));
        Assert.Equal("new b", await shop.Cache.GetAsync("b"));
        await shop.Settled();
        Assert.Equal(2, shop.Tier(0).Unreadable);
        await shop.Cache.RemoveAsync("a");
        Assert.Equal(1, tier.Count);
    }

    [Fact]
    public async Task Keys_and_values_that_are_too_long_pass_the_tiers_by_or_are_refused()
    {
        string longKey = new('k', 100), longValue = new('v', 100);
        foreach (bool refuses in new[] { false, true })
        {
            var tier = new InMemoryTier(timeProvider: _clock);
            await using var shop = new TieredShop([new(tier)], _clock, options => options with { Payloads = new() { MaxKeyLength = 64, MaxLength = 50, RefusesOversize = refuses } });
            if (refuses)
            {
                foreach (var (key, value) in new[] { (longKey, "x"), ("a", longValue) }) await Assert.ThrowsAsync<ArgumentException>(async () => await shop.Cache.SetAsync(key, value));
                Assert.False(shop.Cache.Contains(longKey) || shop.Cache.Contains("a"));
            }
            else
            {
                await shop.Cache.SetAsync("a", "short");
                await shop.Cache.SetAsync(longKey, "x");
                await shop.Cache.SetAsync("a", longValue);
                Assert.Equal((longValue, "x"), (await shop.Cache.GetAsync("a"), await shop.Cache.GetAsync(longKey)));
                Assert.Equal(0, tier.Count);
                Assert.Equal(2, shop.Tier(0).PassedBy);
            }
        }
    }

    [Fact]
    public void Options_that_cannot_work_are_all_named()
    {
        var error = Assert.Throws<ArgumentException>(() => new LoadingCache<Version, Version>(new LoadingCacheOptions<Version, Version>
        {
            Tiers = [new(new InMemoryTier()) { ReadTimeout = TimeSpan.Zero, MaxWaiting = 0 }],
            Payloads = new() { SchemaVersion = -1, MaxLength = 0 },
        }));
        foreach (string name in new[] { "Tiers[0].ReadTimeout", "Tiers[0].MaxWaiting", "Payloads.KeyFormat", "Payloads.Serializer", "Payloads.SchemaVersion", "Payloads.MaxLength" })
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        var byCase = Assert.Throws<ArgumentException>(() => new LoadingCache<string, string>(new LoadingCacheOptions<string, string>
        {
            Memory = new() { Comparer = StringComparer.OrdinalIgnoreCase },
            Tiers = [new(new InMemoryTier())],
        }));
        Assert.Contains("Payloads.KeyFormat", byCase.Message, StringComparison.Ordinal);
    }

    private TieredShop Over(params ICacheTier[] tiers) => new([.. tiers.Select(static tier => new TierOptions(tier) { IsOwned = false })], _clock);

    private sealed class CountingTier(ICacheTier tier) : ICacheTier
    {
        private int _sets, _removes;
        private Task _held = Task.CompletedTask;

        public int Gets { get; set; }

        public int Sets => _sets;

        public int Removes => _removes;

        public string Name => tier.Name;

        public bool IsShared => tier.IsShared;

        public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default)
        {
            Gets++;
            return tier.GetAsync(keys, receiver, cancellationToken);
        }

        /// <summary>Changes wait until what this returns has its result.</summary>
        public TaskCompletionSource Hold()
        {
            var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held = held.Task;
            return held;
        }

        public async ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _sets);
            await _held;
            await tier.SetAsync(entries, cancellationToken);
        }

        public async ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _removes);
            await _held;
            await tier.RemoveAsync(keys, cancellationToken);
        }

        public ValueTask ClearAsync(CancellationToken cancellationToken = default) => tier.ClearAsync(cancellationToken);

        public ValueTask DisposeAsync() => tier.DisposeAsync();
    }
}
