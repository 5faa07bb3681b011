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

        /// <summary>Writes many values.</summary>
        public async ValueTask SetManyAsync(IEnumerable<KeyValuePair<TKey, TValue>> values, Lifetime? lifetime = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            ArgumentNullException.ThrowIfNull(values);
            foreach (var (key, value) in values) await cache.SetAsync(key, value, lifetime, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Remembers of many keys that they do not exist.</summary>
        public async ValueTask SetAbsentManyAsync(IEnumerable<TKey> keys, Lifetime? lifetime = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            ArgumentNullException.ThrowIfNull(keys);
            foreach (var key in keys) await cache.SetAbsentAsync(key, lifetime, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Removes many keys. Returns how many had a value.</summary>
        public async ValueTask<int> RemoveManyAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            ArgumentNullException.ThrowIfNull(keys);
            int removed = 0;
            foreach (var key in keys)
                if (await cache.RemoveAsync(key, cancellationToken).ConfigureAwait(false)) removed++;
            return removed;
        }
    }
}
