using Larder.Benchmarks.Measuring;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Probes;

internal readonly struct LoadingHit<TKey>(LoadingCache<TKey, object> cache, TKey[] keys) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        var read = cache.GetAsync(keys[position]);
        value = read.IsCompletedSuccessfully ? read.Result : null;
        return value is not null;
    }
}

internal readonly struct LoadingStringHit(LoadingCache<string, object> cache, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        var read = cache.GetAsync(keys[position]);
        value = read.IsCompletedSuccessfully ? read.Result : null;
        return value is not null;
    }
}

/// <summary>Each key is asked for once: the loader has its value at once.</summary>
internal readonly struct LoadingMiss(LoadingCache<long, object> cache, long[] next) : IProbe
{
    public int Length => Worker.PassLength;

    public bool Do(int position, out object? value)
    {
        var read = cache.GetAsync(next[0]++);
        value = read.IsCompletedSuccessfully ? read.Result : null;
        return value is not null;
    }
}

internal readonly struct MemoryCacheMiss(MemoryCache cache, long[] next, MemoryCacheEntryOptions entry) : IProbe
{
    public int Length => Worker.PassLength;

    public bool Do(int position, out object? value)
    {
        var read = cache.GetOrCreateAsync(next[0]++, static _ => Task.FromResult(Ratios.KeySet.Value), entry);
        value = read.IsCompletedSuccessfully ? read.GetAwaiter().GetResult() : null;
        return value is not null;
    }
}
