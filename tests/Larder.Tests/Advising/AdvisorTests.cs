using Larder.Advising;
using Larder.TestKit;

namespace Larder.Tests.Advising;

/// <summary>Real caches that listen to what they are asked for, one second of fake time after the other.</summary>
public sealed class AdvisorTests
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("lru", 1000, 0.01)]
    [InlineData("sieve", 1000, 0.01)]
    [InlineData("sieve", 5000, 0.02)]

    // Two caches of this policy do not hit alike: chance decides when it learns what.
    [InlineData("default", 1000, 0.03)]
    public void What_is_foretold_of_twice_the_capacity_comes_true(string policy, int capacity, double tolerance)
    {
        var clock = new FakeClock();
        using Cache<int, string> advised = New(capacity, new() { Seed = 3 }), twice = New(2 * capacity, null), half = New(capacity / 2, null);
        Cache<int, string>[] all = [advised, twice, half];
        int step = 0;
        foreach (int key in Loads.Zipf(20 * capacity, 60 * capacity, 0.8, seed: 11))
        {
            foreach (var cache in all)
                if (!cache.TryGet(key, out _)) cache.Set(key, "");
            if (++step % 4000 == 0) clock.Advance(_second);
            if (step != 8 * capacity) continue;
            foreach (var cache in all) cache.ResetStatistics();
        }

        var advice = advised.Advice!;
        Assert.True(advice.HasEnough);
        Assert.Equal(advised.Statistics.HitRatio, advice.ExpectedHitRatio, tolerance);
        Assert.Equal(advised.Statistics.HitRatio, advice.MeasuredHitRatio!.Value, 0.01);
        Assert.Equal(twice.Statistics.HitRatio - advised.Statistics.HitRatio, advice.GainAt(2)!.Value / 100, tolerance);
        Assert.Equal(half.Statistics.HitRatio - advised.Statistics.HitRatio, advice.GainAt(0.5)!.Value / 100, tolerance);
        Assert.Equal(3, advice.Sentences.Count);
        advised.CheckIntegrity();

        Cache<int, string> New(int room, AdviceOptions? options) => new(new()
        {
            Capacity = room,
            Policy = EvictionPolicy.All.Single(named => named.Name == policy),
            Shards = new() { Count = 1, Hash = static key => (ulong)Loads.Hash(key) },
            Advice = options,
            TimeProvider = clock,
        });
    }

    [Fact]
    public void Until_there_is_enough_it_says_how_much_there_is()
    {
        var clock = new FakeClock();
        using var cache = New(clock, 100);
        Assert.Equal((0, 2048, false), (cache.Advice!.Samples, cache.Advice.SamplesNeeded, cache.Advice.HasEnough));
        for (int i = 0; i < 1000; i++) cache.TryGet(i, out _);
        clock.Advance(_second);
        Assert.Equal((1000, 2048, false), (cache.Advice!.Samples, cache.Advice.SamplesNeeded, cache.Advice.HasEnough));
        Assert.Equal(["Gathering: 1,000 of 2,048 samples."], cache.Advice.Sentences);
        for (int i = 0; i < 500; i++) cache.TryGet(i, out _);
        clock.Advance(_second);
        Assert.Equal(1024, cache.Advice!.Samples);
        for (int i = 0; i < 1024; i++) cache.TryGet(i, out _);
        clock.Advance(_second);
        Assert.True(cache.Advice!.HasEnough);
        Assert.Equal(0, cache.Advice.ExpectedHitRatio);
    }

    [Fact]
    public void More_than_it_can_look_at_in_a_second_is_not_listened_to()
    {
        var clock = new FakeClock();
        using var cache = New(clock, 10);
        cache.Set(1, 1);
        for (int i = 0; i < 3000; i++) cache.TryGet(1, out _);
        clock.Advance(_second);
        Assert.Equal(1024, cache.Advice!.Samples);
        for (int i = 0; i < 3 * SampleBuffer.Size; i++) cache.TryGet(1, out _);
        clock.Advance(_second);
        Assert.Equal(1024 + SampleBuffer.Size, cache.Advice!.Samples);
        Assert.Equal(1, cache.Advice.ExpectedHitRatio);
        Assert.Equal(1, cache.Advice.MeasuredHitRatio);
    }

    [Fact]
    public void A_policy_of_the_users_own_is_simulated_as_it_is()
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new()
        {
            Capacity = 50,
            Policy = EvictionPolicy.Custom("mine", static _ => new Newest()),
            Advice = new() { Seed = 1 },
            TimeProvider = clock,
        });
        Ask(cache, clock, Loads.Loop(100, 10_000));

        // Who evicts the newest keeps half of a loop of twice the capacity; LRU none of it.
        Assert.Equal(0.5, cache.Advice!.ExpectedHitRatio, 0.02);
        Assert.Equal(0.5, cache.Advice.MeasuredHitRatio!.Value, 0.02);
        Assert.Equal(49.0, cache.Advice.GainAt(2)!.Value, 2.0);
        Assert.Equal(0, cache.Advice.Policies.Single(static estimate => estimate.Policy == "lru").HitRatio);
        Assert.Equal(0, cache.Statistics.PolicyFailures);
    }

    [Fact]
    public void A_policy_of_the_users_own_that_throws_in_a_miniature_harms_nobody()
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new()
        {
            Capacity = 50,
            Policy = EvictionPolicy.Custom("broken", static capacity => capacity == 50 ? new Newest() : throw new InvalidOperationException("too small")),
            Advice = new(),
            TimeProvider = clock,
        });
        Ask(cache, clock, Loads.Loop(100, 10_000));
        Assert.Equal(0.5, cache.Statistics.HitRatio, 0.02);
        Assert.False(cache.Advice!.HasEnough);

        // Nor who reclaims by a call: something was heard that has not been looked at.
        cache.TryGet(1, out _);
        cache.Trim();
        cache.CheckIntegrity();
    }

    [Fact]
    public void Capacities_of_a_cache_that_weighs_are_in_its_own_unit()
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new()
        {
            Capacity = 500_000,
            Policy = EvictionPolicy.Lru,
            Weigher = static (_, _) => 1000,
            Shards = new() { Count = 1 },
            Advice = new() { Seed = 1 },
            TimeProvider = clock,
        });
        Ask(cache, clock, Loads.Loop(800, 40_000));
        var advice = cache.Advice!;
        Assert.Equal(1, advice.SamplingRate);
        Assert.Equal([125_000, 250_000, 500_000, 1_000_000, 2_000_000], advice.Capacities.Select(static point => point.Capacity));
        Assert.Equal(0, advice.ExpectedHitRatio, 0.01);
        Assert.Equal(100, advice.GainAt(2)!.Value, 1.0);
        Assert.InRange(advice.LruCurve.First(static point => point.HitRatio > 0.9).Capacity, 780_000, 840_000);

        // An empty cache, and one of a few heavy entries, says nothing of what entries weigh.
        cache.Clear();
        clock.Advance(_second);
        for (int key = 0; key < 10; key++) cache.Set(key, key, null, weight: 20_000);
        clock.Advance(_second);
        Assert.Equal((1, true), (cache.Advice!.SamplingRate, cache.Advice.HasEnough));
    }

    [Fact]
    public void Another_capacity_begins_another_sample_in_which_what_is_held_already_is_heard_of()
    {
        var clock = new FakeClock();
        using var cache = New(clock, 100_000);
        for (int key = 0; key < 5000; key++) cache.Set(key, key);
        Ask(cache, clock, Loads.Zipf(5000, 20_000, 0.5, seed: 2));
        Assert.InRange(cache.Advice!.SamplingRate, 0.0102, 0.0103);
        cache.Capacity = 5000;
        clock.Advance(_second);
        Assert.Equal((0, 5000), (cache.Advice.Samples, cache.Advice.Capacity));
        Assert.InRange(cache.Advice.SamplingRate, 0.20, 0.21);
        Ask(cache, clock, Loads.Zipf(5000, 100_000, 0.5, seed: 3));
        Assert.True(cache.Advice.HasEnough);
        Assert.InRange(cache.Advice.Samples, 17_000, 25_000);
        Assert.InRange(cache.Advice.ExpectedHitRatio, 0.97, 1);
        Assert.Equal(0, cache.Advice.GainAt(2)!.Value, 1.0);
        Assert.InRange(cache.Advice.GainAt(0.5)!.Value, -60, -20);
    }

    [Fact]
    public void What_is_cleared_or_has_expired_is_missed_at_every_capacity()
    {
        var clock = new FakeClock();
        using var cache = New(clock, 100, Lifetime.FreshFor(TimeSpan.FromSeconds(10)));
        for (int round = 0; round < 200; round++)
        {
            Ask(cache, clock, Loads.Loop(50, 100));
            if (round % 2 == 0) cache.Clear();
            else clock.Advance(TimeSpan.FromSeconds(11));
        }

        var advice = cache.Advice!;
        Assert.Equal(0.5, advice.MeasuredHitRatio!.Value, 0.01);
        Assert.All(advice.Capacities.Where(static point => point.Capacity >= 50), static point => Assert.Equal(0.5, point.HitRatio, 0.01));
    }

    [Fact]
    public async Task A_loading_cache_has_it_too_and_what_is_too_old_to_serve_is_no_hit()
    {
        var clock = new FakeClock();
        await using var cache = new LoadingCache<int, int>(static (key, _) => new(key), new()
        {
            Memory = new()
            {
                Capacity = 100,
                Lifetime = new() { Fresh = TimeSpan.FromMinutes(1), Fallback = TimeSpan.FromDays(1) },
                Advice = new() { Seed = 1 },
                TimeProvider = clock,
            },
        });
        for (int round = 0; round < 60; round++)
        {
            for (int i = 0; i < 100; i++) await cache.GetAsync(i % 50, TestContext.Current.CancellationToken);
            clock.Advance(TimeSpan.FromMinutes(2));
        }

        var advice = cache.Advice!;
        Assert.True(advice.HasEnough);
        Assert.Equal(0.5, advice.ExpectedHitRatio, 0.01);
        Assert.Equal(0.5, advice.MeasuredHitRatio!.Value, 0.01);
        Assert.Same(advice, CacheView.Of(cache).Advice);
    }

    [Fact]
    public void Absences_of_a_store_of_their_own_are_not_listened_to()
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new() { Capacity = 100, Absent = new() { Capacity = 100 }, Advice = new(), TimeProvider = clock });
        for (int key = 0; key < 50; key++)
        {
            cache.Set(key, key);
            cache.SetAbsent(1000 + key);
        }

        Assert.All(cache.Core.Shards.Entries(), static entry => Assert.Equal(!entry.IsAbsent, entry.IsWatched));
        for (int second = 0; second < 2; second++)
        {
            for (int i = 0; i < 8000; i++) cache.Read(i % 2 == 0 ? i / 2 % 50 : 1000 + i / 2 % 50, out _);
            clock.Advance(_second);
        }

        Assert.Equal(1024 + 4000, cache.Advice!.Samples);
        Assert.Equal(1, cache.Advice.ExpectedHitRatio, 0.01);
    }

    [Fact]
    public void An_estimate_that_is_far_from_what_was_measured_says_so_and_nothing_else()
    {
        // Of each two reads of a key a newcomer between them drives it out of a SIEVE whose hand stands at the newest; in a sample hardly one comes between.
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new()
        {
            Capacity = 5000,
            Policy = EvictionPolicy.Sieve,
            Shards = new() { Count = 1, Hash = static key => (ulong)Loads.Hash(key) },
            Advice = new() { Seed = 1, Keys = 256 },
            TimeProvider = clock,
        });
        Ask(cache, clock, Enumerable.Range(0, 10_000).SelectMany(static key => new[] { key, key }));
        Ask(cache, clock, Enumerable.Range(10_000, 150_000).SelectMany(static key => new[] { key, Math.Max(10_000, key - 5) }));
        Assert.True(cache.Advice!.HasEnough);
        Assert.False(cache.Advice.IsPlausible);
        Assert.Matches(@"^Not to be relied on: [3-5]\d\.\d % of the reads should have hit, \d\.\d % did\.$", Assert.Single(cache.Advice.Sentences));
        Assert.DoesNotContain(cache.Advice.Policies, static estimate => estimate.Policy is "lfu" or "tinylfu" or "wtinylfu");
    }

    [Fact]
    public void A_disposed_cache_keeps_the_last_it_said()
    {
        var clock = new FakeClock();
        var cache = New(clock, 10);
        Ask(cache, clock, Loads.Loop(5, 5000));
        var advice = cache.Advice;
        cache.Dispose();
        clock.Advance(_second);
        Assert.Same(advice, cache.Advice);
    }

    [Fact]
    public void A_number_of_keys_that_is_not_allowed_is_told_of()
    {
        var error = Assert.Throws<ArgumentException>(() => new Cache<int, int>(new() { Advice = new() { Keys = 10 } }));
        Assert.Contains("Advice.Keys is 10; it must be from 256 to 4096.", error.Message, StringComparison.Ordinal);
    }

    private static Cache<int, int> New(FakeClock clock, int capacity, Lifetime? lifetime = null) =>
        new(new() { Capacity = capacity, Lifetime = lifetime ?? Lifetime.Forever, Advice = new() { Seed = 1 }, TimeProvider = clock });

    private static void Ask(Cache<int, int> cache, FakeClock clock, IEnumerable<int> keys)
    {
        foreach (int[] second in keys.Chunk(2000))
        {
            foreach (int key in second)
                if (!cache.TryGet(key, out _)) cache.Set(key, key);
            clock.Advance(_second);
        }
    }

    /// <summary>Evicts what came last but one.</summary>
    private sealed class Newest : IEvictionPolicy
    {
        private readonly EntryList _entries = new();

        public int UsesWanted => 0;

        public void OnAdd(EvictionNode node) => _entries.AddNewest(node);

        public void OnTouch(EvictionNode node) { }

        public void OnReplace(EvictionNode node, EvictionNode by) => _entries.Replace(node, by);

        public void OnRemove(EvictionNode node) => _entries.Remove(node);

        public EvictionNode Evict()
        {
            var newest = _entries.OlderThan(_entries.Newest!)!;
            _entries.Remove(newest);
            return newest;
        }

        public void Resize(long capacity) { }
    }
}
