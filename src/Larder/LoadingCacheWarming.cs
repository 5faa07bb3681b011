using Larder.Loading;
using Larder.Warming;

namespace Larder;

/// <summary>What fills a loading cache from outside: what was learnt some time ago, and keys that will be asked for.</summary>
/// <example><code>
/// long asOf = users.Version;
/// await foreach (var changed in feed.ReadAllAsync(cancel)) users.Offer(changed.Id, changed, asOf);
/// </code></example>
public static class LoadingCacheWarming
{
    extension<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>The number of the latest write. Taken before something is asked elsewhere, it tells <c>Offer</c> how old the answer is.</summary>
        public long Version => cache.Target.Version;

        /// <summary>
        /// Writes a value that was learnt some time ago, unless the key has been written or removed since: for events that may
        /// come late. Returns whether it did; now and then it does not though it might have.
        /// </summary>
        /// <param name="key">The key.</param>
        /// <param name="value">The value.</param>
        /// <param name="asOf">The <c>Version</c> of the time at which it was learnt.</param>
        /// <param name="lifetime">How long it is kept; null for as long as the options say.</param>
        public bool Offer(TKey key, TValue value, long asOf, Lifetime? lifetime = null)
        {
            ArgumentNullException.ThrowIfNull(key);
            return cache.Target.Offer(key, value, lifetime, asOf);
        }

        /// <summary>Loads the key anew, whatever there is, or joins a load under way; the old value is served meanwhile. Returns what came of it.</summary>
        public ValueTask<CacheResult<TValue>> RefreshAsync(TKey key, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(key);
            cache.Loads.Core.ThrowIfDisposed();
            int hash = cache.Loads.Core.HashOf(key);
            var refreshed = cache.Loads.Reads.Load(key, hash, cache.Loads.Reads.Find(key, hash), new ByChain<TKey, TValue>(), cancellationToken, freshBeyond: long.MaxValue);
            return cache.Loads.Results.Result(refreshed);
        }

        /// <summary>Loads those of the keys that are not fresh, and tells how it went. A key that fails is counted, not thrown.</summary>
        public ValueTask<WarmProgress> WarmAsync(IEnumerable<TKey> keys, IProgress<WarmProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(keys);
            return Warmer<TKey, TValue>.LoadAsync(cache.Target, [.. keys.Distinct(cache.Options.Memory.Comparer)], TimeSpan.Zero, progress, cancellationToken);
        }
    }
}
