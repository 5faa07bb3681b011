namespace Larder;

/// <summary>A cache that loads what it does not have. <see cref="LoadingCache{TKey, TValue}"/> is one; more is in <see cref="LoadingCacheExtensions"/>.</summary>
public interface ILoadingCache<TKey, TValue> : IAsyncDisposable where TKey : notnull
{
    /// <summary>Reads a key, loading it if need be, and tells how it came by what it returns.</summary>
    ValueTask<CacheResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Reads many keys, loading together what is missing. Each has an outcome of its own; one that failed has an <see cref="CacheResult{TValue}.Error"/>.</summary>
    ValueTask<IReadOnlyDictionary<TKey, CacheResult<TValue>>> ReadManyAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default);

    /// <summary>Writes a value, over whatever was there and whatever is being loaded. By its tags it can be removed together with others.</summary>
    ValueTask SetAsync(TKey key, TValue value, Lifetime? lifetime = null, TagSet tags = default, CancellationToken cancellationToken = default);

    /// <summary>Remembers that the key does not exist.</summary>
    ValueTask SetAbsentAsync(TKey key, Lifetime? lifetime = null, CancellationToken cancellationToken = default);

    /// <summary>Removes the key; what is being loaded for it is not kept. Returns whether there was a value.</summary>
    ValueTask<bool> RemoveAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes all that bears the tag, however much that is, at the cost of one note; what is being loaded and bears it is not kept. <see cref="TagSet.Everything"/> removes everything,
    /// with tags or without.
    /// </summary>
    ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default);

    /// <summary>What the cache has done so far.</summary>
    LoadingStatistics Statistics { get; }
}
