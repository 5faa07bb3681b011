using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Larder.Benchmarks.Ratios;

namespace Larder.Benchmarks.Peers;

/// <summary>BitFaster's caches, filled.</summary>
internal static class BitFasterCaches
{
    internal static ConcurrentLru<TKey, object> Lru<TKey>(TKey[] keys) where TKey : notnull
    {
        var cache = new ConcurrentLru<TKey, object>(HitRows.Capacity);
        foreach (var key in keys) cache.AddOrUpdate(key, KeySet.Value);
        return cache;
    }

    internal static ConcurrentTLru<TKey, object> TLru<TKey>(TKey[] keys) where TKey : notnull
    {
        var cache = new ConcurrentTLru<TKey, object>(HitRows.Capacity, Caches.Life);
        foreach (var key in keys) cache.AddOrUpdate(key, KeySet.Value);
        return cache;
    }

    internal static ConcurrentLfu<TKey, object> Lfu<TKey>(TKey[] keys) where TKey : notnull
    {
        var cache = new ConcurrentLfu<TKey, object>(HitRows.Capacity);
        foreach (var key in keys) cache.AddOrUpdate(key, KeySet.Value);
        return cache;
    }
}
