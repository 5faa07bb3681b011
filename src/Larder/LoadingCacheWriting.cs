using Larder.Loading;

namespace Larder;

/// <summary>What concerns the way of a cache's writes to their source.</summary>
/// <example><code>
/// await orders.SetAsync(order.Id, order, cancellationToken: cancel);      // taken; written within the interval
/// await orders.FlushAsync(cancel);                                        // written
/// </code></example>
public static class LoadingCacheWriting
{
    extension<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>How it goes with the writes; all zero for a cache that has no writer.</summary>
        public WritingStatistics WritingStatistics => cache.Loads.Source?.Writes.Statistics ?? new();

        /// <summary>Ends when the source has everything that was written before, or it has been given up.</summary>
        /// <exception cref="ObjectDisposedException">The cache has been disposed, and something was left unwritten.</exception>
        public Task FlushAsync(CancellationToken cancellationToken = default)
        {
            if (cache.Loads.Source is { } source) return source.Writes.FlushAsync().WaitAsync(cancellationToken);
            cache.Loads.Core.ThrowIfDisposed();
            return Task.CompletedTask;
        }

        internal Task WriteManyThroughAsync(IEnumerable<KeyValuePair<TKey, TValue>> values, Lifetime? lifetime, CancellationToken cancellationToken)
        {
            var loads = cache.Loads;
            loads.Core.ThrowIfDisposed();
            cancellationToken.ThrowIfCancellationRequested();
            if (lifetime is not null) Lives<TKey, TValue>.Checked(lifetime, nameof(lifetime));
            var prepared = values.Select(pair =>
            {
                ArgumentNullException.ThrowIfNull(pair.Key, nameof(values));
                return (pair.Value, loads.Settlement.Prepare(pair.Key, loads.Core.HashOf(pair.Key), pair.Value, lifetime, default));
            });
            return loads.Source!.WriteManyAsync(prepared, lifetime, cancellationToken);
        }

        internal ValueTask<int> RemoveManyThroughAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken)
        {
            cache.Loads.Core.ThrowIfDisposed();
            cancellationToken.ThrowIfCancellationRequested();
            var checkedKeys = keys.Select(static key =>
            {
                ArgumentNullException.ThrowIfNull(key, nameof(keys));
                return key;
            });
            return cache.Loads.Source!.RemoveManyAsync(checkedKeys, cancellationToken);
        }

        /// <summary>Removes the key from memory and from the tiers, and leaves the source as it is. Without a writer, the same as removing it.</summary>
        /// <returns>Whether memory had a value to serve.</returns>
        public async ValueTask<bool> InvalidateAsync(TKey key, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(key);
            cancellationToken.ThrowIfCancellationRequested();
            cache.Loads.Core.ThrowIfDisposed();
            await cache.Loads.Changes.Remove(key, cache.Loads.Core.HashOf(key), RemovalCause.Invalidated, out bool wasServed).WaitAsync(cancellationToken).ConfigureAwait(false);
            return wasServed;
        }
    }
}
