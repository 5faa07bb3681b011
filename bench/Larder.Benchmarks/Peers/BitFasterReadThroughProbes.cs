using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Larder.Benchmarks.Measuring;

namespace Larder.Benchmarks.Peers;

internal readonly struct ConcurrentLruReadThrough(ConcurrentLru<long, object> cache, long[] keys, object loaded) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        long key = keys[position];
        if (cache.TryGet(key, out value)) return true;
        cache.AddOrUpdate(key, value = loaded);
        return false;
    }
}

internal readonly struct ConcurrentLruStringReadThrough(ConcurrentLru<string, object> cache, string[] keys, object loaded) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        string key = keys[position];
        if (cache.TryGet(key, out value)) return true;
        cache.AddOrUpdate(key, value = loaded);
        return false;
    }
}

internal readonly struct ConcurrentTLruReadThrough(ConcurrentTLru<long, object> cache, long[] keys, object loaded) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        long key = keys[position];
        if (cache.TryGet(key, out value)) return true;
        cache.AddOrUpdate(key, value = loaded);
        return false;
    }
}

internal readonly struct ConcurrentTLruStringReadThrough(ConcurrentTLru<string, object> cache, string[] keys, object loaded) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        string key = keys[position];
        if (cache.TryGet(key, out value)) return true;
        cache.AddOrUpdate(key, value = loaded);
        return false;
    }
}

internal readonly struct ConcurrentLfuReadThrough(ConcurrentLfu<long, object> cache, long[] keys, object loaded) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        long key = keys[position];
        if (cache.TryGet(key, out value)) return true;
        cache.AddOrUpdate(key, value = loaded);
        return false;
    }
}

internal readonly struct ConcurrentLfuStringReadThrough(ConcurrentLfu<string, object> cache, string[] keys, object loaded) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        string key = keys[position];
        if (cache.TryGet(key, out value)) return true;
        cache.AddOrUpdate(key, value = loaded);
        return false;
    }
}
