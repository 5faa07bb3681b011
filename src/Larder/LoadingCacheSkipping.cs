using Larder.Loading;

namespace Larder;

/// <summary>Calls that go past memory, the tiers, the loaders or other processes, each for itself.</summary>
/// <example><code>var stock = await products.ReadAsync(id, Skip.MemoryRead, cancel);      // what the tiers have, or the source</code></example>
public static class LoadingCacheSkipping
{
    extension<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>Reads a key past what is skipped, loading it if need be. Shares loads only with calls that skip the same.</summary>
        public ValueTask<CacheResult<TValue>> ReadAsync(TKey key, Skip skip, CancellationToken cancellationToken = default) =>
            Read(cache, key, skip, new ByChain<TKey, TValue>(skip), cancellationToken);

        /// <summary>As the other, by a loader of the call's own.</summary>
        public ValueTask<CacheResult<TValue>> ReadAsync<TState>(TKey key, Func<TKey, TState, CancellationToken, ValueTask<TValue>> load, TState state, Skip skip, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(load);
            return Read(cache, key, skip, new ByCall<TKey, TValue, TState>(load, state, skip), cancellationToken);
        }

        /// <summary>Reads many keys past what is skipped, loading together what is missing.</summary>
        public async ValueTask<IReadOnlyDictionary<TKey, CacheResult<TValue>>> ReadManyAsync(IEnumerable<TKey> keys, Skip skip, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(keys);
            cache.Loads.Core.ThrowIfDisposed();
            cancellationToken.ThrowIfCancellationRequested();
            var asked = new HashSet<TKey>(cache.Loads.Core.Comparer);
            foreach (var key in keys) asked.Add(key is null ? throw new ArgumentException("A key is null.", nameof(keys)) : key);
            var many = new ManyReads<TKey, TValue>(cache.Loads, skip);
            many.Meet(asked, cancellationToken);
            return await many.LoadAsync(cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Writes a value past what is skipped.</summary>
        public ValueTask SetAsync(TKey key, TValue value, Skip skip, Lifetime? lifetime = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            return cache.SetAsync(key, value, skip, lifetime, default, cancellationToken);
        }

        /// <summary>
        /// The same cache, with every call going past what is skipped; what has no such choice, like removing by tag, is as it is. Past memory and tiers it is a cache that is switched off: each read
        /// asks the loaders, though callers at the same time still share a load, and a write goes to its source alone. Disposing it disposes the cache.
        /// </summary>
        /// <example><code>ILoadingCache&lt;int, User&gt; users = isOn ? cache : cache.Skipping(Skip.Memory | Skip.Tiers);</code></example>
        public ILoadingCache<TKey, TValue> Skipping(Skip skip)
        {
            ArgumentNullException.ThrowIfNull(cache);
            return new SkippingCache<TKey, TValue>(cache, skip);
        }

        /// <summary>Removes the key past what is skipped. Returns whether memory had a value, and was to lose it.</summary>
        public async ValueTask<bool> RemoveAsync(TKey key, Skip skip, CancellationToken cancellationToken = default)
        {
            var loads = Checked(cache, key);
            cancellationToken.ThrowIfCancellationRequested();
            if (loads.Source is { } source) return await source.RemoveAsync(key, loads.Core.HashOf(key), cancellationToken, skip).ConfigureAwait(false);
            await loads.Changes.Remove(key, loads.Core.HashOf(key), RemovalCause.Removed, out bool wasServed, skip: skip).WaitAsync(cancellationToken).ConfigureAwait(false);
            return wasServed;
        }
    }

    private static ValueTask<CacheResult<TValue>> Read<TKey, TValue, TMaker>(LoadingCache<TKey, TValue> cache, TKey key, Skip skip, in TMaker maker, CancellationToken cancellationToken)
        where TKey : notnull
        where TMaker : struct, IFlightMaker<TKey, TValue>
    {
        var loads = Checked(cache, key);
        if (!skip.HasFlag(Skip.MemoryRead)) return loads.Results.Result(loads.Reads.MeetOrLoad(key, maker, cancellationToken));
        int hash = loads.Core.HashOf(key);
        return loads.Results.Result(loads.Reads.Load(key, hash, loads.Reads.Find(key, hash), maker, cancellationToken, AskingFlight.AnyAgeAnew));
    }

    private static Loads<TKey, TValue> Checked<TKey, TValue>(LoadingCache<TKey, TValue> cache, TKey key) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(key);
        cache.Loads.Core.ThrowIfDisposed();
        return cache.Loads;
    }
}
