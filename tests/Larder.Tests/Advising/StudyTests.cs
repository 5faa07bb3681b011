using Larder.Advising;
using Larder.Tests.Eviction;

namespace Larder.Tests.Advising;

public sealed class StudyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void With_every_key_in_the_sample_the_curve_is_that_of_all_LRU_caches(int capacity)
    {
        int[] keys = [.. Loads.Zipf(300, 5000, 0.8, seed: 5), .. Loads.Loop(90, 1000)];
        double[] naive = Loads.NaiveLru(keys, 4 * capacity);
        var advice = Loads.Study(keys, capacity, EvictionPolicy.Lru, miniature: 256);
        Assert.Equal(1, advice.SamplingRate);
        Assert.Equal(4 * capacity, advice.LruCurve[^1].Capacity);
        Assert.All(advice.LruCurve, point => Assert.Equal(naive[point.Capacity], point.HitRatio, 4));
        Assert.All(advice.Capacities, point => Assert.Equal(naive[point.Capacity], point.HitRatio, 4));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 61)]
    [InlineData(1L << 45)]
    public void A_capacity_that_stands_for_no_limit_takes_no_more_memory(long capacity)
    {
        Assert.InRange(new Scale(capacity, 256, 1).Depth, 1, 2 * 256 * Scale.Most);
        Assert.False(Loads.Study([1, 2, 3], capacity, EvictionPolicy.Lru, miniature: 256).HasEnough);
    }

    [Fact]
    public void With_every_key_in_the_sample_each_policy_hits_as_the_policy_does()
    {
        int[] keys = [.. Loads.Zipf(2000, 30_000, 0.8, seed: 6)];
        var advice = Loads.Study(keys, 200, EvictionPolicy.Default, miniature: 256);
        Assert.Equal(EvictionPolicy.All.Select(static policy => policy.Name).Order(), advice.Policies.Select(static estimate => estimate.Policy).Order());
        foreach (var estimate in advice.Policies)
        {
            // Those that only mark are exact; those with a sketch or a sample draw their chances from the seed, and from the hashes.
            bool isExact = estimate.Policy is "fifo" or "lru" or "sieve" or "s3fifo" or "lfu" or "2q" or "arc";
            Assert.Equal(RealRatio(keys, EvictionPolicy.All.Single(policy => policy.Name == estimate.Policy), 200), estimate.HitRatio, isExact ? 0.001 : 0.03);
        }

        Assert.Equal(advice.Policies.OrderByDescending(static estimate => estimate.HitRatio), advice.Policies);
    }

    [Theory]
    [InlineData(0.6)]
    [InlineData(0.9)]
    [InlineData(1.1)]
    public void A_tenth_of_the_keys_tells_nearly_as_much_as_all_of_them(double power)
    {
        int[] keys = [.. Loads.Zipf(25_000, 200_000, power, seed: 8)];
        foreach (var policy in new[] { EvictionPolicy.Lru, EvictionPolicy.Sieve, EvictionPolicy.Default })
        {
            var advice = Loads.Study(keys, 5000, policy, miniature: 512);
            Assert.InRange(advice.SamplingRate, 0.10, 0.11);
            foreach (var point in advice.Capacities.Where(static point => point.Capacity <= 10_000))
                Assert.Equal(RealRatio(keys, policy, point.Capacity), point.HitRatio, policy == EvictionPolicy.Default ? 0.03 : 0.02);
        }
    }

    [Fact]
    public void A_loop_larger_than_the_cache_is_known_for_one()
    {
        int[] keys = [.. Loads.Loop(15_000, 150_000)];
        var advice = Loads.Study(keys, 10_000, EvictionPolicy.Lru, miniature: 1024);
        Assert.InRange(advice.ExpectedHitRatio, 0, 0.05);
        Assert.InRange(advice.GainAt(2)!.Value, 85, 95);
        Assert.Equal(0, advice.GainAt(0.5)!.Value, 0.5);
        Assert.NotEqual("lru", advice.BetterPolicy?.Policy);
        Assert.True(advice.BetterPolicy?.HitRatio > 0.4);
        Assert.Contains(advice.Sentences, sentence => sentence.StartsWith("Twice the capacity: +8", StringComparison.Ordinal));
    }

    [Fact]
    public void What_could_be_served_by_no_cache_is_a_miss_for_all_and_what_was_removed_is_not_found_again()
    {
        var study = New(capacity: 10);
        study.Hear(1, KeyEvent.Added);
        study.Hear(1, KeyEvent.Hit);
        study.Hear(1, KeyEvent.Lapsed);
        study.Hear(1, KeyEvent.Written);
        study.Hear(1, KeyEvent.Hit);
        study.Hear(1, KeyEvent.Removed);
        study.Hear(1, KeyEvent.Miss);
        study.Hear(1, KeyEvent.Miss);
        study.End(new(5, 0, 0));
        var advice = study.Conclude(10);
        Assert.Equal(5, advice.Samples);
        Assert.All(advice.Policies, static estimate => Assert.Equal(0.4, estimate.HitRatio, 6));
        Assert.All(advice.LruCurve, static point => Assert.Equal(0.4, point.HitRatio, 6));
    }

    [Fact]
    public void A_key_that_was_missed_and_brought_in_has_not_been_used()
    {
        // SIEVE spares what was used: of two newcomers, one read twice, the other leaves.
        var study = New(capacity: 2, EvictionPolicy.Sieve);
        foreach (int key in new[] { 1, 2 }) Load(key);
        study.Hear(1, KeyEvent.Hit);
        Load(3);
        study.Hear(1, KeyEvent.Hit);
        study.End(new(5, 0, 0));
        Assert.Equal(2 / 5.0, study.Conclude(2).ExpectedHitRatio, 6);

        void Load(int key)
        {
            study.Hear(key, KeyEvent.Miss);
            study.Hear(key, KeyEvent.Added);
        }
    }

    [Fact]
    public void What_was_long_ago_fades()
    {
        var scale = new Scale(100, 256, seed: 1);
        var study = new Study(scale, EvictionPolicy.Lru, new(WarmUp: 0, HalveAt: 1000), static (made, room, start) => made.Create(room, start), 1);
        for (int stretch = 0; stretch < 40; stretch++)
        {
            for (int i = 0; i < 500; i++) study.Hear(stretch < 20 ? 1000 + i + 500 * stretch : i % 50, KeyEvent.Hit);
            study.End(new(500, 0, 0));
        }

        Assert.InRange(study.Conclude(100).ExpectedHitRatio, 0.99, 1);
    }

    [Fact]
    public void What_fills_the_miniatures_at_first_does_not_count()
    {
        var scale = new Scale(100, 256, seed: 1);
        var study = new Study(scale, EvictionPolicy.Lru, new(WarmUp: 1000, HalveAt: 10_000), static (made, room, start) => made.Create(room, start), 1);
        for (int stretch = 0; stretch < 4; stretch++)
        {
            for (int i = 0; i < 500; i++) study.Hear(i % 100, KeyEvent.Hit);
            study.End(new(500, 500, 500));
        }

        var advice = study.Conclude(100);
        Assert.Equal(1, advice.ExpectedHitRatio);
        Assert.Equal(2000, advice.Samples);
        Assert.Equal(2024, advice.SamplesNeeded);
        Assert.Equal([$"Gathering: 2,000 of {advice.SamplesNeeded:N0} samples."], advice.Sentences);
    }

    private static Study New(int capacity, EvictionPolicy? policy = null) =>
        new(new Scale(capacity, 256, seed: 1), policy ?? EvictionPolicy.Lru, Fading.None, static (made, room, start) => made.Create(room, start), 1);

    private static double RealRatio(int[] keys, EvictionPolicy policy, long capacity)
    {
        var cache = new ReplayCache(policy, capacity);
        foreach (int key in keys) cache.Get(key);
        return cache.HitRatio / 100;
    }
}
