using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Larder.Benchmarks.Measuring;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Ratios;

/// <summary>Does ten million entries, filled and then all replaced, stay quick, and how long does the collector stop it?</summary>
internal static class ChurnRows
{
    private const int Count = 10_000_000, Chunk = 20_000;

    private static readonly GCKind[] _kinds = [GCKind.FullBlocking, GCKind.Background];

    internal static IEnumerable<Question> Questions => [new("churn/10M churn-memorycache/10M", Ask)];

    private static IEnumerable<Row> Ask()
    {
        Outcome ours = Larder(), dictionary = Dictionary(), memory = Memory();
        yield return new("churn/10M", ours.Nanoseconds, dictionary.Nanoseconds, ours.BytesPerOperation, null, $"{ours} : {dictionary}");
        yield return new("churn-memorycache/10M", ours.Nanoseconds, memory.Nanoseconds, ours.BytesPerOperation, Goal.RatioAtMost(1), $"{ours} : {memory}");
    }

    private static Outcome Larder()
    {
        using var cache = Caches.Larder<long>(Count);
        return Run((from, to) =>
        {
            for (long key = from; key < to; key++) cache.Set(key, KeySet.Value);
        });
    }

    // Bounded by hand, as it must be by whoever uses it for a cache: the oldest leaves.
    private static Outcome Dictionary()
    {
        var dictionary = new ConcurrentDictionary<long, object>();
        return Run((from, to) =>
        {
            for (long key = from; key < to; key++)
            {
                if (key >= Count) dictionary.TryRemove(key - Count, out _);
                dictionary[key] = KeySet.Value;
            }
        });
    }

    private static Outcome Memory()
    {
        using var cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = Count });
        return Run((from, to) =>
        {
            for (long key = from; key < to; key++) cache.Set(key, KeySet.Value, Caches.SizedMemoryCacheEntry);
        });
    }

    /// <summary>Twice as many writes as entries, in chunks between which the collector's last pauses are looked at.</summary>
    private static Outcome Run(Action<long, long> writeRange)
    {
        GC.Collect();
        var seen = _kinds.Select(static kind => GC.GetGCMemoryInfo(kind).Index).ToArray();
        var paused = GC.GetTotalPauseDuration();
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        TimeSpan longest = TimeSpan.Zero, filled = TimeSpan.Zero;
        for (long from = 0; from < 2L * Count; from += Chunk)
        {
            if (from == Count) filled = Stopwatch.GetElapsedTime(start);
            writeRange(from, from + Chunk);
            for (int i = 0; i < _kinds.Length; i++)
            {
                var collection = GC.GetGCMemoryInfo(_kinds[i]);
                if (collection.Index == seen[i]) continue;
                seen[i] = collection.Index;
                foreach (var pause in collection.PauseDurations)
                    if (pause > longest) longest = pause;
            }
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        return new(
            elapsed.TotalNanoseconds / (2.0 * Count),
            filled.TotalNanoseconds / Count,
            (GC.GetAllocatedBytesForCurrentThread() - bytes) / (2.0 * Count),
            longest,
            GC.GetTotalPauseDuration() - paused);
    }

    private sealed record Outcome(double Nanoseconds, double FillNanoseconds, double BytesPerOperation, TimeSpan LongestGen2, TimeSpan Paused)
    {
        // Of the two halves of the work, filling and replacing.
        private double ChurnNanoseconds => (2 * Nanoseconds) - FillNanoseconds;

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"fill {1000 / FillNanoseconds:F1}, churn {1000 / ChurnNanoseconds:F1} million ops/s, longest Gen2 pause {LongestGen2.TotalMilliseconds:F0} ms, paused {Paused.TotalMilliseconds:F0} ms in all");
    }
}
