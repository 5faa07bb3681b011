using System.Collections.Concurrent;

namespace Larder.Concurrency;

public sealed class BoundTests
{
    public static TheoryData<string, int> PoliciesAndShards()
    {
        var data = new TheoryData<string, int>();
        foreach (var policy in EvictionPolicy.All)
            foreach (int shards in (int[])[1, 8]) data.Add(policy.Name, shards);
        return data;
    }

    [Theory]
    [MemberData(nameof(PoliciesAndShards))]
    public void Eight_writers_of_new_keys_never_exceed_the_capacity_by_more_than_an_entry_each(string policy, int shards)
    {
        const int Capacity = 1000, Writers = 8;
        using var cache = new Cache<long, object>(new() { Capacity = Capacity, Policy = Named(policy), Shards = new() { Count = shards } });
        var value = new object();
        Stress.Threads(Writers, thread =>
        {
            for (long i = 0; i < Stress.Rounds(4000); i++)
            {
                cache.Set(i * Writers + thread, value);
                long held = cache.Weight;
                if (held > Capacity + Writers) throw new InvalidOperationException($"{held} entries in a cache of {Capacity}.");
            }
        });
        Assert.Equal(Capacity, cache.Count);
        cache.CheckIntegrity();
    }

    [Theory]
    [MemberData(nameof(PoliciesAndShards))]
    public async Task Every_entry_that_leaves_is_reported_exactly_once(string policy, int shards)
    {
        var reported = new ConcurrentQueue<Removal<int, long>>();
        var cache = new Cache<int, long>(new() { Capacity = 200, Policy = Named(policy), Shards = new() { Count = shards }, Removed = reported.Enqueue });
        long written = 0;
        var removed = new ConcurrentBag<long>();
        Stress.Run(seed => Stress.Threads(4, thread =>
        {
            var random = new Random(seed + thread);
            for (int i = 0; i < Stress.Rounds(5000); i++)
            {
                int key = random.Next(600);
                if (random.Next(4) > 0) cache.Set(key, Interlocked.Increment(ref written));
                else if (cache.Remove(key, out long value)) removed.Add(value);
                if (random.Next(3000) == 0) cache.Clear();
            }
        }));
        cache.CheckIntegrity();
        await cache.DisposeAsync();
        Assert.Equal(Enumerable.Range(1, (int)written).Select(i => (long)i), reported.Select(r => r.Value).Order());
        Assert.Equal(removed.Order(), reported.Where(r => r.Cause == RemovalCause.Removed).Select(r => r.Value).Order());
    }

    [Fact]
    public void A_key_that_stays_is_found_while_the_tables_grow()
    {
        using var cache = new Cache<int, int>(new() { Capacity = 400_000, Shards = new() { Count = 2 } });
        for (int i = 0; i < 8; i++) cache.Set(i, i);
        bool done = false;
        Stress.Threads(2, thread =>
        {
            if (thread == 0)
            {
                for (int i = 8; i < 300_000; i++) cache.Set(i, i);
                Volatile.Write(ref done, true);
                return;
            }

            while (!Volatile.Read(ref done))
                for (int i = 0; i < 8; i++)
                    if (!cache.TryGet(i, out int value) || value != i) throw new InvalidOperationException($"{i} was lost.");
        });
        cache.CheckIntegrity();
    }

    [Fact]
    public void Hits_and_misses_are_counted_exactly_over_threads_that_end()
    {
        using var cache = new Cache<int, int>();
        cache.Set(1, 1);
        for (int round = 0; round < 20; round++)
        {
            Stress.Threads(4, _ =>
            {
                for (int i = 0; i < 5000; i++)
                {
                    cache.TryGet(1, out _);
                    cache.TryGet(2, out _);
                }
            });
        }

        Assert.Equal(400_000, cache.Statistics.Hits);
        Assert.Equal(400_000, cache.Statistics.Misses);
    }

    private static EvictionPolicy Named(string name) => EvictionPolicy.All.Single(p => p.Name == name);
}
