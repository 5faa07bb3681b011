using Larder.Benchmarks.Measuring;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Probes;

internal readonly struct LarderReadThrough(Cache<long, object> cache, long[] keys, object loaded) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        long key = keys[position];
        if (cache.TryGet(key, out value)) return true;
        cache.Set(key, value = loaded);
        return false;
    }
}

internal readonly struct LarderStringReadThrough(Cache<string, object> cache, string[] keys, object loaded) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        string key = keys[position];
        if (cache.TryGet(key, out value)) return true;
        cache.Set(key, value = loaded);
        return false;
    }
}

internal readonly struct MemoryCacheReadThrough(MemoryCache cache, long[] keys, object loaded, MemoryCacheEntryOptions entry) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        // Boxed once, not twice.
        object key = keys[position];
        if (cache.TryGetValue(key, out value)) return true;
        cache.Set(key, value = loaded, entry);
        return false;
    }
}

internal readonly struct MemoryCacheStringReadThrough(MemoryCache cache, string[] keys, object loaded, MemoryCacheEntryOptions entry) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        string key = keys[position];
        if (cache.TryGetValue((object)key, out value)) return true;
        cache.Set(key, value = loaded, entry);
        return false;
    }
}
