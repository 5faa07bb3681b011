using Larder.Loading;

namespace Larder;

/// <summary>A loading cache as the meter reads it. Held by the cache, and weakly by the meter.</summary>
internal sealed class MeteredLoadingCache<TKey, TValue> : IMeteredCache, IDisposable where TKey : notnull
{
    private readonly LoadingCache<TKey, TValue> _cache;
    private readonly Loads<TKey, TValue> _loads;
    private readonly WeakReference<IMeteredCache> _registration;

    internal MeteredLoadingCache(LoadingCache<TKey, TValue> cache, Loads<TKey, TValue> loads)
    {
        (_cache, _loads) = (cache, loads);
        _registration = CacheMeters.Add(this);
    }

    public string MeterName => _loads.Name;

    public LoadingStatistics Statistics => _cache.Statistics;

    public long Capacity => _cache.Capacity;

    public long Weight => _cache.Weight;

    public BreakerState? Breaker => _loads.Failure.Breaker?.State;

    public IReadOnlyList<TierStatistics> TierStatistics => _cache.TierStatistics;

    public WritingStatistics? Writing => _loads.Source?.Writes.Statistics;

    public CoherenceStatistics? Coherence => _loads.Coherent?.Statistics;

    public void Dispose() => CacheMeters.Remove(_registration);
}
