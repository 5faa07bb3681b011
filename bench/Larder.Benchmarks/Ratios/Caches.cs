using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Ratios;

/// <summary>The caches under measurement, all with a life of five minutes where they know one.</summary>
internal static class Caches
{
    private static readonly TimeSpan _life = TimeSpan.FromMinutes(5);

    internal static MemoryCacheEntryOptions MemoryCacheEntry { get; } = new() { AbsoluteExpirationRelativeToNow = _life };

    internal static MemoryCacheEntryOptions SizedMemoryCacheEntry { get; } = new() { AbsoluteExpirationRelativeToNow = _life, Size = 1 };

    internal static TimeSpan Life => _life;

    internal static Cache<TKey, object> Larder<TKey>(long capacity, EvictionPolicy? policy = null) where TKey : notnull =>
        new(new() { Capacity = capacity, Lifetime = Lifetime.FreshFor(_life), Policy = policy ?? EvictionPolicy.Default });

    internal static Cache<TKey, object> Filled<TKey>(long capacity, TKey[] keys, EvictionPolicy? policy = null) where TKey : notnull
    {
        var cache = Larder<TKey>(capacity, policy);
        foreach (var key in keys) cache.Set(key, KeySet.Value);
        return cache;
    }

    internal static ConcurrentDictionary<TKey, object> FilledDictionary<TKey>(TKey[] keys) where TKey : notnull
    {
        var dictionary = new ConcurrentDictionary<TKey, object>();
        foreach (var key in keys) dictionary[key] = KeySet.Value;
        return dictionary;
    }

    internal static MemoryCache FilledMemoryCache<TKey>(TKey[] keys) where TKey : notnull
    {
        var cache = new MemoryCache(new MemoryCacheOptions());
        foreach (var key in keys) cache.Set(key, KeySet.Value, MemoryCacheEntry);
        return cache;
    }
}
