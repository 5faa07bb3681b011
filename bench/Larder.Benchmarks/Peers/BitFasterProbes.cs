using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Larder.Benchmarks.Measuring;

namespace Larder.Benchmarks.Peers;

internal readonly struct ConcurrentLruHit<TKey>(ConcurrentLru<TKey, object> cache, TKey[] keys) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGet(keys[position], out value);
}

internal readonly struct ConcurrentLruStringHit(ConcurrentLru<string, object> cache, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGet(keys[position], out value);
}

internal readonly struct ConcurrentTLruHit<TKey>(ConcurrentTLru<TKey, object> cache, TKey[] keys) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGet(keys[position], out value);
}

internal readonly struct ConcurrentTLruStringHit(ConcurrentTLru<string, object> cache, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGet(keys[position], out value);
}

internal readonly struct ConcurrentLfuHit<TKey>(ConcurrentLfu<TKey, object> cache, TKey[] keys) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGet(keys[position], out value);
}

internal readonly struct ConcurrentLfuStringHit(ConcurrentLfu<string, object> cache, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGet(keys[position], out value);
}
