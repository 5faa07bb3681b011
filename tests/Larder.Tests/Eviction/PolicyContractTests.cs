using Larder.TestKit;

namespace Larder.Tests.Eviction;

/// <summary>What every policy owes the cache, whatever it chooses.</summary>
public sealed class PolicyContractTests
{
    public static TheoryData<string> Names => [.. EvictionPolicy.All.Select(policy => policy.Name)];

    private static EvictionPolicy Named(string name) => EvictionPolicy.All.Single(policy => policy.Name == name);

    [Fact]
    public void Names_are_those_that_tools_know() =>
        Assert.Equal(
            ["2q", "arc", "default", "fifo", "lfu", "lru", "s3fifo", "sieve", "tinylfu", "wtinylfu"],
            EvictionPolicy.All.Select(policy => policy.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_storm_gives_back_each_entry_once(string name)
    {
        int first = Seeds.Next();
        for (int round = 0; round < 60; round++)
        {
            int seed = unchecked(first + round);
            try
            {
                Storm(Named(name), seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{name}, seed {seed}", e);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Capacity_one_holds_one(string name)
    {
        var cache = new TestCache(Named(name), 1);
        for (int i = 0; i < 1000; i++)
        {
            cache.Request(i * i % 7);
            Assert.Equal(1, cache.Count);
            if (i % 3 == 0) cache.UseUnreported(cache.Keys.Single());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cache_fills_before_it_evicts_and_stays_full(string name)
    {
        var random = new Random(1);
        Func<int, int>[] patterns = [i => i, _ => random.Next(300), i => i % 130];
        foreach (var pattern in patterns)
        {
            var cache = new TestCache(Named(name), 100);
            var seen = new HashSet<int>();
            for (int i = 0; i < 5000; i++)
            {
                cache.Request(pattern(i));
                seen.Add(pattern == patterns[1] ? -1 : pattern(i));
                if (pattern != patterns[1]) Assert.Equal(Math.Min(100, seen.Count), cache.Count);
            }

            Assert.Equal(100, cache.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_fits_stays(string name)
    {
        var cache = new TestCache(Named(name), 50);
        for (int round = 0; round < 40; round++)
            for (int key = 0; key < 50; key++)
                Assert.Equal(round > 0, cache.Request(key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Eviction_ends_when_every_entry_has_been_used_unreported(string name)
    {
        var cache = new TestCache(Named(name), 20);
        for (int key = 0; key < 20; key++) cache.Request(key);
        for (int round = 0; round < 20; round++)
        {
            foreach (int key in cache.Keys.ToList()) cache.UseUnreported(key);
            cache.Request(100 + round);
            Assert.Equal(20, cache.Count);
        }
    }

    [Theory]
    [InlineData("lru")]
    [InlineData("lfu")]
    [InlineData("2q")]
    [InlineData("arc")]
    [InlineData("tinylfu")]
    [InlineData("wtinylfu")]
    public void A_use_that_was_not_reported_still_spares(string name)
    {
        // Keys come back just after they have left, until 2Q too takes its victims from its LRU list.
        int[] before = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6];
        TestCache one = new(Named(name), 8), other = new(Named(name), 8);
        one.RequestAll(before);
        other.RequestAll(before);

        int victim = one.Evict();
        other.UseUnreported(victim);
        Assert.NotEqual(victim, other.Evict());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Entries_that_weigh_nothing_come_and_go(string name)
    {
        var cache = new TestCache(Named(name), 3);
        for (int key = 0; key < 50; key++) cache.Request(key, 0);
        Assert.Equal(50, cache.Count);
        for (int key = 50; key < 60; key++) cache.Request(key, 1);
        Assert.InRange(cache.Weight, 0, 3);
        cache.Drain();
    }

    [Fact]
    public void A_policy_allocates_nothing_once_it_is_warm()
    {
        foreach (var policy in EvictionPolicy.All)
        {
            var made = policy.Create(100, 1);
            var nodes = Enumerable.Range(0, 300).Select(key => new TestNode(key)).ToArray();
            var held = new bool[300];
            int count = 0;
            void Run(int requests)
            {
                var random = new Random(1);
                for (int i = 0; i < requests; i++)
                {
                    // The square makes some keys commoner than others.
                    int key = (int)(300 * Math.Pow(random.NextDouble(), 2));
                    var node = nodes[key];
                    if (held[key])
                    {
                        if (node.RecordsUses) made.OnTouch(node);
                        else if (node.Mark < made.UsesWanted) node.Mark++;
                        continue;
                    }

                    (node.Segment, node.Count, node.Mark) = (0, 0, 0);
                    held[key] = true;
                    made.OnAdd(node);
                    if (++count <= 100) continue;
                    held[((TestNode)made.Evict()).Key] = false;
                    count--;
                }
            }

            // LFU's table of buckets doubles with the highest count: not between these two.
            Run(160_000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(50_000);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // One Random; and LFU makes a bucket when it has more distinct counts than ever.
            Assert.True(allocated < 20_000, $"{policy.Name}: {allocated} bytes");
        }
    }

    private static void Storm(EvictionPolicy policy, int seed)
    {
        var random = new Random(seed);
        long capacity = random.Next(1, 40);
        var cache = new TestCache(policy, capacity, (uint)seed);
        bool weighs = seed % 2 != 0;
        for (int i = 0; i < 3000; i++)
        {
            int key = random.Next(80);
            bool held = cache.Keys.Contains(key);
            long weight = !weighs ? 1 : random.Next(10) == 0 ? random.NextInt64(1, cache.Capacity + 1) : random.NextInt64(1, Math.Min(4, cache.Capacity) + 1);
            switch (random.Next(20))
            {
                case 0 when held: cache.Remove(key); break;
                case 1 when held: cache.Replace(key, weight); break;
                case 2 or 3 when held: cache.UseUnreported(key); break;
                case 4 when random.Next(10) == 0: cache.Resize(random.Next(1, 60)); break;
                case 5 when random.Next(10) == 0 && cache.Count > 0: cache.Evict(); break;
                default: cache.Request(key, weight); break;
            }

            Assert.InRange(cache.Weight, 0, cache.Capacity);
        }

        var keys = cache.Keys.ToList();
        Assert.Equal(keys, cache.Drain().Order());
        Assert.Equal(0, cache.Weight);
        cache.RequestAll(1, 2, 3);
    }
}
