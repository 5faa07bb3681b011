namespace Larder.Tests.Eviction;

public sealed class AdaptivePolicyTests
{
    [Fact]
    public void The_default_comes_first_and_is_named_default()
    {
        Assert.Same(EvictionPolicy.Default, EvictionPolicy.All[0]);
        Assert.Equal("default", EvictionPolicy.Default.Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(1000)]
    public void A_cache_fills_to_its_capacity_and_stays_there(int capacity)
    {
        var cache = new ReplayCache(EvictionPolicy.Default, capacity);
        for (int key = 0; key < 10 * capacity; key++)
        {
            cache.Get(key);
            Assert.Equal(Math.Min(capacity, key + 1), cache.Count);
        }

        cache.Drain();
    }

    [Fact]
    public void A_cache_of_one_entry_still_hits()
    {
        var cache = new ReplayCache(EvictionPolicy.Default, 1);
        for (int i = 0; i < 1000; i++) cache.Get(i / 100);
        Assert.InRange(cache.HitRatio, 90, 100);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    public void A_scan_of_keys_used_once_leaves_the_hot_set_alone(int capacity)
    {
        var cache = new ReplayCache(EvictionPolicy.Default, capacity);
        for (int round = 0; round < 20; round++)
            for (int key = 0; key < capacity / 2; key++) cache.Get(key);
        for (int key = 0; key < 10 * capacity; key++) cache.Get(1_000_000 + key);
        int survivors = Enumerable.Range(0, capacity / 2).Count(key => cache.Holds(key));
        Assert.InRange(survivors, capacity / 2 * 0.9, capacity / 2);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void A_loop_larger_than_the_cache_hits_nearly_its_share(int capacity)
    {
        var cache = new ReplayCache(EvictionPolicy.Default, capacity);
        for (int i = 0; i < 400 * capacity; i++) cache.Get(i % (4 * capacity));
        Assert.InRange(cache.HitRatio, 21, 25);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(2000)]
    public void Each_key_asked_for_again_soon_and_never_after_hits_the_second_time(int capacity)
    {
        var cache = new ReplayCache(EvictionPolicy.Default, capacity);
        for (int i = 0; i < 100 * capacity; i++)
        {
            cache.Get(i);
            cache.Get(i - capacity * 4 / 10);
        }

        Assert.InRange(cache.HitRatio, 40, 50);
    }

    [Fact]
    public void It_follows_from_recency_to_frequency_and_back()
    {
        const int Capacity = 1000;
        var cache = new ReplayCache(EvictionPolicy.Default, Capacity);
        int fresh = 1_000_000;
        for (int phase = 0; phase < 4; phase++)
        {
            Measure(200_000);
            double ratio = Measure(200_000);
            if (phase % 2 == 0) Assert.InRange(ratio, 45, 50);
            else Assert.InRange(ratio, 22, 25);

            // Recency: each key twice, 400 keys apart. Frequency: a loop four times the capacity.
            double Measure(int requests)
            {
                long hits = 0;
                for (int i = 0; i < requests; i++)
                {
                    long key = phase % 2 == 1 ? i % (4 * Capacity) : i % 2 == 0 ? fresh++ : fresh - 400;
                    if (cache.Get(key)) hits++;
                }

                return 100.0 * hits / requests;
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 50)]
    [InlineData(3, 700)]
    [InlineData(4, 20_000)]
    public void A_storm_of_every_operation_keeps_the_bound_and_drains_to_empty(int seed, int capacity)
    {
        var random = new Random(seed);
        foreach (int shards in (int[])[1, 4])
        {
            var cache = new ReplayCache(EvictionPolicy.Default, Math.Max(capacity, shards), shards, (uint)seed);
            for (int step = 0; step < 60_000; step++)
            {
                long key = (long)(Math.Pow(random.NextDouble(), 3) * 5000);
                switch (random.Next(100))
                {
                    case < 80:
                        cache.Get(key, random.Next(1, 10));
                        break;
                    case < 90:
                        cache.Replace(key, random.Next(1, 30));
                        break;
                    case < 99:
                        cache.Remove(key);
                        break;
                    default:
                        cache.Resize(random.Next(shards, (2 * capacity) + shards));
                        break;
                }
            }

            cache.Drain();
        }
    }

    [Fact]
    public void The_same_seed_and_requests_give_the_same_hits()
    {
        Assert.Equal(Run(5), Run(5));
        Assert.InRange(Math.Abs(Run(5) - Run(6)), 0, 2000);

        static long Run(uint seed)
        {
            var cache = new ReplayCache(EvictionPolicy.Default, 3000, seed: seed);
            var random = new Random(1);
            for (int i = 0; i < 200_000; i++) cache.Get((long)(Math.Pow(random.NextDouble(), 4) * 50_000));
            return cache.Hits;
        }
    }

    [Fact]
    public void Entries_that_weigh_thousands_are_learned_from_like_entries_that_weigh_one()
    {
        var light = new ReplayCache(EvictionPolicy.Default, 1000);
        var heavy = new ReplayCache(EvictionPolicy.Default, 4_000_000);
        for (int i = 0; i < 800_000; i++)
        {
            light.Get(i % 4000);
            heavy.Get(i % 4000, weight: 4000);
        }

        Assert.InRange(heavy.HitRatio, light.HitRatio - 2, light.HitRatio + 2);
        Assert.InRange(heavy.HitRatio, 20, 25);
    }

    [Fact]
    public void Capacity_raised_while_running_is_used()
    {
        var cache = new ReplayCache(EvictionPolicy.Default, 100);
        for (int i = 0; i < 10_000; i++) cache.Get(i % 1000);
        cache.Resize(1000);
        for (int i = 0; i < 3000; i++) cache.Get(i % 1000);
        Assert.Equal(1000, cache.Count);
        cache.Resize(10);
        Assert.Equal(10, cache.Count);
    }
}
