using System.Collections.Concurrent;
using Larder.Benchmarks.Measuring;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Ratios;

/// <summary>How much heap does an entry take, the value left out?</summary>
internal static class BytesRows
{
    private const int Count = 1_000_000;
    private const double Limit = 104;

    internal static IEnumerable<Question> Questions => [new("bytes-per-entry/long/1M", Ask)];

    private static IEnumerable<Row> Ask()
    {
        double ours = PerEntry(Larder), dictionary = PerEntry(Dictionary), memory = PerEntry(Memory);
        yield return new("bytes-per-entry/long/1M", ours, dictionary, 0, Goal.OursAtMost(Limit), "bytes");
        yield return new("bytes-per-entry-memorycache/long/1M", ours, memory, 0, Goal.RatioAtMost(1), "bytes");
    }

    private static object Larder()
    {
        var cache = Caches.Larder<long>(Count);
        for (long i = 0; i < Count; i++) cache.Set(i, KeySet.Value);
        if (cache.Count < Count * 0.99) Console.Error.WriteLine($"bytes-per-entry: larder holds only {cache.Count}");
        return cache;
    }

    private static ConcurrentDictionary<long, object> Dictionary()
    {
        var dictionary = new ConcurrentDictionary<long, object>();
        for (long i = 0; i < Count; i++) dictionary[i] = KeySet.Value;
        return dictionary;
    }

    private static object Memory()
    {
        var cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = Count });
        for (long i = 0; i < Count; i++) cache.Set(i, KeySet.Value, Caches.SizedMemoryCacheEntry);
        return cache;
    }

    private static double PerEntry(Func<object> fill)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        object filled = fill();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        (filled as IDisposable)?.Dispose();
        return (double)(after - before) / Count;
    }
}
