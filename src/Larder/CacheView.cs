using System.Text;
using Larder.Observability;
using Larder.Tiers;

namespace Larder;

/// <summary>Makes the views of caches.</summary>
/// <example><code>directory.Add(CacheView.Of(products));</code></example>
public static class CacheView
{
    /// <summary>The view of a loading cache.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="keys">How keys are read from text. Default: as the cache's tiers write them, which is known for text, numbers, Guids and times.</param>
    public static ICacheView Of<TKey, TValue>(LoadingCache<TKey, TValue> cache, KeyFormat<TKey>? keys = null) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(cache);
        return new LoadingCacheView<TKey, TValue>(cache, keys ?? cache.Options.Payloads.KeyFormat ?? TextKeys.Of<TKey>());
    }

    /// <summary>The view of a cache that does not load. It has no name of its own, so it gets one here.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="name">The name.</param>
    /// <param name="keys">How keys are read from text. Default: known for text, numbers, Guids and times.</param>
    public static ICacheView Of<TKey, TValue>(Cache<TKey, TValue> cache, string name, KeyFormat<TKey>? keys = null) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new MemoryCacheView<TKey, TValue>(cache, name, keys ?? TextKeys.Of<TKey>(), typeof(TValue), value => cache.Core.ForReader(value));
    }

    /// <summary>The view of a cache of values that are leased. Of a value it shows the type alone, for without a lease it may be disposed meanwhile.</summary>
    /// <inheritdoc cref="Of{TKey, TValue}(Cache{TKey, TValue}, string, KeyFormat{TKey})"/>
    public static ICacheView Of<TKey, TValue>(LeasingCache<TKey, TValue> cache, string name, KeyFormat<TKey>? keys = null) where TKey : notnull where TValue : class, IDisposable
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return cache.View(name, keys ?? TextKeys.Of<TKey>());
    }

    internal static TKey Read<TKey>(KeyFormat<TKey>? keys, string text, string cache)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (keys is null) throw new NotSupportedException($"Keys of type {TypeNames.Of(typeof(TKey))} of cache '{cache}' cannot be read from text; give its view a KeyFormat.");
        return keys.TryRead(Encoding.UTF8.GetBytes(text), out var key) ? key : throw new FormatException($"'{text}' is no key of cache '{cache}', whose keys are of type {TypeNames.Of(typeof(TKey))}.");
    }
}
