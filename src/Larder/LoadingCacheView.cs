using Larder.Loading;
using Larder.Observability;

namespace Larder;

/// <summary>A loading cache as those see it who look after it.</summary>
internal sealed class LoadingCacheView<TKey, TValue>(LoadingCache<TKey, TValue> cache, KeyFormat<TKey>? keys) : ICacheView, IMeasuresItself where TKey : notnull
{
    public string Name => cache.Options.Name;

    public string KeyType => TypeNames.Of(typeof(TKey));

    public string ValueType => TypeNames.Of(typeof(TValue));

    public LoadingStatistics Statistics => cache.Statistics;

    public long Count => cache.Loads.Core.Shards.Totals().Entries;

    public long Capacity => cache.Capacity;

    public long Weight => cache.Weight;

    public int LoadsInFlight => cache.Loads.Core.Shards.ClaimCount();

    public CircuitBreaker? Breaker => cache.Options.Failure.Breaker;

    public IReadOnlyList<TierStatistics> Tiers => cache.TierStatistics;

    public CoherenceStatistics? Coherence => cache.Loads.Coherent?.Statistics;

    public WritingStatistics? Writing => cache.Loads.Source?.Writes.Statistics;

    public CacheAdvice? Advice => cache.Advice;

    public bool ReadsKeys => keys is not null;

    public bool CanRefresh => cache.Options.Loaders.Count > 0;

    public AgeCounts CountAges()
    {
        int fresh = 0, stale = 0, expired = 0, absent = 0;
        long now = cache.Loads.Core.Now;
        foreach (var entry in cache.Loads.Core.Shards.Glance())
        {
            switch (cache.Loads.AgeOf(entry, now))
            {
                case EntryAge.Fresh: fresh++; break;
                case EntryAge.Stale: stale++; break;
                case EntryAge.Expired: expired++; break;
                case EntryAge.Absent: absent++; break;
                default: break;
            }
        }

        return new(fresh, stale, expired, absent);
    }

    public ValueTask<KeyFinding> LookUpAsync(string key, bool withValue = false, CancellationToken cancellationToken = default)
    {
        var asked = CacheView.Read(keys, key, Name);
        cancellationToken.ThrowIfCancellationRequested();
        return new(Found(key, asked, withValue));
    }

    // Not RemoveAsync: where the cache writes to its source, that would delete there.
    public ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        cache.InvalidateAsync(CacheView.Read(keys, key, Name), cancellationToken);

    public async ValueTask<KeyFinding> RefreshAsync(string key, CancellationToken cancellationToken = default)
    {
        var asked = CacheView.Read(keys, key, Name);
        if (!CanRefresh) throw new NotSupportedException($"Cache '{Name}' has no loader, so it cannot refresh a key.");
        var read = await cache.RefreshAsync(asked, cancellationToken).ConfigureAwait(false);
        return read.Error is { } error && !read.HasValue ? throw error : Found(key, asked, withValue: false);
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken = default) => cache.ClearAsync(cancellationToken);

    private KeyFinding Found(string key, TKey asked, bool withValue)
    {
        var read = cache.Peek(asked, includesExpired: true);
        return new()
        {
            Key = key,
            Status = read.Status,
            Tier = read.Tier ?? (read.Status == ReadStatus.Miss ? null : CacheResult<TValue>.MemoryTier),
            Age = read.Status == ReadStatus.Miss ? null : read.Age,
            FreshFor = read.FreshFor,
            ServedFor = read.ServedFor,
            KeptFor = read.KeptFor,
            LoadTime = read.LoadTime,
            HasValue = read.HasValue,
            Value = withValue && read.HasValue ? read.Value : null,
        };
    }
}
