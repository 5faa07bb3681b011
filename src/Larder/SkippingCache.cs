namespace Larder;

/// <summary>A cache whose every call goes past something.</summary>
internal sealed class SkippingCache<TKey, TValue>(LoadingCache<TKey, TValue> cache, Skip skip) : ILoadingCache<TKey, TValue> where TKey : notnull
{
    public LoadingStatistics Statistics => cache.Statistics;

    public ValueTask<CacheResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken = default) => cache.ReadAsync(key, skip, cancellationToken);

    public ValueTask<IReadOnlyDictionary<TKey, CacheResult<TValue>>> ReadManyAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default) =>
        cache.ReadManyAsync(keys, skip, cancellationToken);

    public ValueTask SetAsync(TKey key, TValue value, Lifetime? lifetime = null, TagSet tags = default, CancellationToken cancellationToken = default) =>
        cache.SetAsync(key, value, skip, lifetime, tags, cancellationToken);

    public ValueTask SetAbsentAsync(TKey key, Lifetime? lifetime = null, CancellationToken cancellationToken = default) => cache.SetAbsentAsync(key, skip, lifetime, cancellationToken);

    public ValueTask<bool> RemoveAsync(TKey key, CancellationToken cancellationToken = default) => cache.RemoveAsync(key, skip, cancellationToken);

    public ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => cache.RemoveByTagAsync(tag, cancellationToken);

    public ValueTask DisposeAsync() => cache.DisposeAsync();
}
