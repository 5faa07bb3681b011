using System.Globalization;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Benchmarks.Ratios;

/// <summary>What do tiers below cost a hit in memory? How many writes become how many at the source?</summary>
internal static class TierRows
{
    private const double HitLimit = 1.05;
    private const int Writes = 1_000_000, WrittenKeys = 10_000;

    internal static IEnumerable<Question> Questions =>
    [
        new("tiers-hit/int/10k", Hit),
        new("write-behind/items", Behind),
    ];

    private static Row[] Hit()
    {
        var keys = KeySet.Ints(10_000);
        var walk = KeySet.Walk(keys, Worker.PassLength);
        LoadingCache<int, object> tiered = Over(new(new InMemoryTier()), new(new InMemoryTier())), bare = Over();
        foreach (int key in keys)
        {
            // In turn, for the tiers' own entries lie between those of who is filled with them: neither side's are to lie closer together.
            tiered.SetAsync(key, KeySet.Value).AsTask().GetAwaiter().GetResult();
            bare.SetAsync(key, KeySet.Value).AsTask().GetAwaiter().GetResult();
        }

        var with = new Side("with tiers", new Worker<LoadingHit<int>>(new(tiered, walk)));
        var without = new Side("without", new Worker<LoadingHit<int>>(new(bare, walk)));
        Duel.Fight(with, without);
        return [Row.Of("tiers-hit/int/10k", with, without, Goal.RatioAtMost(HitLimit), "a hit in memory, with two tiers below : without")];
    }

    // Thousands of items that reach the writer; theirs are the writes.
    private static Row[] Behind()
    {
        long items = 0;
        var cache = new LoadingCache<int, object>(new LoadingCacheOptions<int, object>
        {
            Memory = new() { Capacity = HitRows.Capacity },
            Writing = new(Writer.ForMany<int, object>((batch, _) =>
            {
                Interlocked.Add(ref items, batch.Count);
                return default;
            }))
            {
                Behind = new() { Interval = TimeSpan.FromSeconds(1) },
            },
        });
        var random = new Random(1);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int i = 0; i < Writes; i++)
        {
            var write = cache.SetAsync(random.Next(WrittenKeys), KeySet.Value);
            if (!write.IsCompletedSuccessfully) write.AsTask().GetAwaiter().GetResult();
        }

        double nanoseconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalNanoseconds / Writes;
        cache.FlushAsync().GetAwaiter().GetResult();
        cache.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return [new("write-behind/items", items / 1000.0, Writes / 1000.0, 0, Goal.RatioAtMost(0.05), string.Create(CultureInfo.InvariantCulture, $"thousand items : writes, over {WrittenKeys:N0} keys; {nanoseconds:N0} ns a write"))];
    }

    private static LoadingCache<int, object> Over(params TierOptions[] tiers) => new(static (_, _) => new(KeySet.Value), new()
    {
        Memory = new() { Capacity = HitRows.Capacity, Lifetime = Lifetime.FreshFor(Caches.Life) },
        Tiers = tiers,
        Payloads = new() { Serializer = new Nothing() },
    });

    // The values are all the same object.
    private sealed class Nothing : IHybridCacheSerializer<object>
    {
        public void Serialize(object value, System.Buffers.IBufferWriter<byte> target)
        {
        }

        public object Deserialize(System.Buffers.ReadOnlySequence<byte> source) => KeySet.Value;
    }
}
