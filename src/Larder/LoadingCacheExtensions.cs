using Larder.Loading;

namespace Larder;

/// <summary>What is said in terms of the few members of <see cref="ILoadingCache{TKey, TValue}"/>.</summary>
/// <example><code>
/// var user = await users.GetRequiredAsync("u:1", cancel);
/// var found = await users.GetManyAsync(["u:1", "u:2"], cancel);      // those that exist
/// </code></example>
public static class LoadingCacheExtensions
{
    extension<TKey, TValue>(ILoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>The value of the key, or the default if there is none.</summary>
        public async ValueTask<TValue?> GetAsync(TKey key, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            return (await cache.ReadAsync(key, cancellationToken).ConfigureAwait(false)).Value;
        }

        /// <summary>The value of the key.</summary>
        /// <exception cref="KeyNotFoundException">There is none.</exception>
        public async ValueTask<TValue> GetRequiredAsync(TKey key, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            var read = await cache.ReadAsync(key, cancellationToken).ConfigureAwait(false);
            return read.HasValue ? read.Value! : throw new KeyNotFoundException("The cache's source has no such key.");
        }

        /// <summary>The values of those keys that have one. What could be had is lost if one key fails: <see cref="ILoadingCache{TKey, TValue}.ReadManyAsync"/> keeps it.</summary>
        /// <exception cref="AggregateException">Some keys failed; it holds their exceptions, each once.</exception>
        public async ValueTask<IReadOnlyDictionary<TKey, TValue>> GetManyAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            var read = await cache.ReadManyAsync(keys, cancellationToken).ConfigureAwait(false);
            var errors = read.Values.Where(static r => r is { HasValue: false, Error: not null }).Select(static r => r.Error!).Distinct().ToList();
            if (errors.Count > 0) throw new AggregateException("Some keys could not be loaded.", errors);
            var comparer = (read as Dictionary<TKey, CacheResult<TValue>>)?.Comparer;
            return read.Where(static r => r.Value.HasValue).ToDictionary(static r => r.Key, static r => r.Value.Value!, comparer);
        }

        /// <summary>Writes many values, together: a tier gets them in batches, and so does a source that is written through. If some fail, the others are written, and one failure is thrown.</summary>
        public async ValueTask SetManyAsync(IEnumerable<KeyValuePair<TKey, TValue>> values, Lifetime? lifetime = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            ArgumentNullException.ThrowIfNull(values);
            if (cache is LoadingCache<TKey, TValue> { Loads.Source.Writes.AreAtOnce: true } through) await through.WriteManyThroughAsync(values, lifetime, cancellationToken).ConfigureAwait(false);
            else await Together.EachAsync(values, Together.Many, pair => cache.SetAsync(pair.Key, pair.Value, lifetime, default, cancellationToken)).ConfigureAwait(false);
        }

        /// <summary>Remembers of many keys that they do not exist.</summary>
        public async ValueTask SetAbsentManyAsync(IEnumerable<TKey> keys, Lifetime? lifetime = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            ArgumentNullException.ThrowIfNull(keys);
            await Together.EachAsync(keys, Together.Many, key => cache.SetAbsentAsync(key, lifetime, cancellationToken)).ConfigureAwait(false);
        }

        /// <summary>Removes all that bears one of the tags.</summary>
        public async ValueTask RemoveByTagsAsync(TagSet tags, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            foreach (var tag in tags) await cache.RemoveByTagAsync(tag, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Removes many keys, together: a tier gets them in batches, and so does a source that is written through. If some fail, the others are removed, and one failure is thrown. Returns how many had a value.</summary>
        public async ValueTask<int> RemoveManyAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            ArgumentNullException.ThrowIfNull(keys);
            if (cache is LoadingCache<TKey, TValue> { Loads.Source.Writes.AreAtOnce: true } through) return await through.RemoveManyThroughAsync(keys, cancellationToken).ConfigureAwait(false);
            int removed = 0;
            await Together.EachAsync(keys, Together.Many, async key =>
            {
                if (await cache.RemoveAsync(key, cancellationToken).ConfigureAwait(false)) Interlocked.Increment(ref removed);
            }).ConfigureAwait(false);
            return removed;
        }
    }
}
