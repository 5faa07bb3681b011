using Larder.Expiry;
using Larder.Memory;
using Larder.Observability;

namespace Larder;

/// <summary>A cache that does not load as those see it who look after it.</summary>
/// <param name="cache">The cache.</param>
/// <param name="name">Its name.</param>
/// <param name="keys">How keys are read from text; null for not at all.</param>
/// <param name="valueType">The type of its values, as its users know them.</param>
/// <param name="shown">What of a value is shown.</param>
/// <param name="displaced">Called when values have been removed from here.</param>
internal sealed class MemoryCacheView<TKey, TValue>(Cache<TKey, TValue> cache, string name, KeyFormat<TKey>? keys, Type valueType, Func<TValue, object?> shown, Action? displaced = null)
    : ICacheView where TKey : notnull
{
    public string Name => name;

    public string KeyType => TypeNames.Of(typeof(TKey));

    public string ValueType => TypeNames.Of(valueType);

    public LoadingStatistics Statistics
    {
        get
        {
            var done = cache.Statistics;
            return new()
            {
                Hits = done.Hits,
                AbsentHits = done.AbsentHits,
                Misses = done.Misses,
                Joins = done.Joins,
                Sets = done.Sets,
                Refused = done.Refused,
                Removals = done.Removals,
                Loads = done.Loads,
                LoadFailures = done.LoadFailures,
                LoadTime = done.LoadTime,
            };
        }
    }

    public long Count => cache.Core.Shards.Totals().Entries;

    public long Capacity => cache.Capacity;

    public long Weight => cache.Weight;

    public int LoadsInFlight => cache.Core.Shards.ClaimCount();

    public CircuitBreaker? Breaker => null;

    public IReadOnlyList<TierStatistics> Tiers => [];

    public CoherenceStatistics? Coherence => null;

    public WritingStatistics? Writing => null;

    public CacheAdvice? Advice => cache.Advice;

    public bool ReadsKeys => keys is not null;

    public bool CanRefresh => false;

    public AgeCounts CountAges()
    {
        int fresh = 0, absent = 0;
        long now = cache.Core.Now;
        foreach (var entry in cache.Core.Shards.Glance())
        {
            if (now >= entry.ExpiresAt) continue;
            if (entry.IsAbsent) absent++;
            else fresh++;
        }

        return new(fresh, 0, 0, absent);
    }

    public ValueTask<KeyFinding> LookUpAsync(string key, bool withValue = false, CancellationToken cancellationToken = default)
    {
        var asked = CacheView.Read(keys, key, Name);
        cancellationToken.ThrowIfCancellationRequested();
        cache.Core.ThrowIfDisposed();
        var entry = cache.Core.Find(asked, cache.Core.HashOf(asked));
        long now = cache.Core.Now;
        return new(entry is null || now >= entry.ExpiresAt ? new KeyFinding { Key = key } : Found(key, entry, now, withValue));
    }

    public ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        var asked = CacheView.Read(keys, key, Name);
        cancellationToken.ThrowIfCancellationRequested();
        bool removed = cache.Remove(asked);
        displaced?.Invoke();
        return new(removed);
    }

    public ValueTask<KeyFinding> RefreshAsync(string key, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException($"Cache '{Name}' does not load, so it cannot refresh a key.");

    public ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        cache.Clear();
        displaced?.Invoke();
        return default;
    }

    private KeyFinding Found(string key, Entry<TKey, TValue> entry, long now, bool withValue)
    {
        long end = entry.ExpiresAt;
        var left = end == TimedNode.Never ? TimeSpan.MaxValue : TimeSpan.FromTicks(end - now);
        return new()
        {
            Key = key,
            Status = entry.IsAbsent ? ReadStatus.Absent : ReadStatus.Hit,
            Tier = CacheResult<TValue>.MemoryTier,
            FreshFor = left,
            ServedFor = left,
            KeptFor = left,
            HasValue = !entry.IsAbsent,
            Value = withValue && !entry.IsAbsent ? shown(entry.Value) : null,
        };
    }
}
