namespace Larder;

/// <summary>What a cache has done since it was built or its statistics were reset. Subtract two snapshots for what happened between them.</summary>
/// <example><code>
/// var before = cache.Statistics;
/// await Task.Delay(TimeSpan.FromMinutes(1));
/// Console.WriteLine((cache.Statistics - before).HitRatio);      // of the last minute
/// </code></example>
public sealed record CacheStatistics
{
    /// <summary>Reads that found a live value.</summary>
    public long Hits { get; init; }

    /// <summary>Reads that found nothing.</summary>
    public long Misses { get; init; }

    /// <summary>Reads that found a remembered absence.</summary>
    public long AbsentHits { get; init; }

    /// <summary>Values and absences written.</summary>
    public long Sets { get; init; }

    /// <summary>Entries that left, by cause, in the order of <see cref="RemovalCause"/>.</summary>
    public IReadOnlyList<long> Removals { get; init; } = new long[RemovalCounts];

    /// <summary>Entries refused because they outweighed the cache.</summary>
    public long Refused { get; init; }

    /// <summary>Factories that returned a value.</summary>
    public long Loads { get; init; }

    /// <summary>Factories that threw.</summary>
    public long LoadFailures { get; init; }

    /// <summary>Callers that waited for another's factory.</summary>
    public long Joins { get; init; }

    /// <summary>The time that factories took, in all.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>Calls of the removal handler that threw; of a <see cref="LeasingCache{TKey, TValue}"/>, values that threw when they were disposed.</summary>
    public long HandlerFailures { get; init; }

    /// <summary>Calls of an eviction policy of your own that threw, or evicted what was not held; another entry left instead.</summary>
    public long PolicyFailures { get; init; }

    /// <summary>Removals not told of because the handler was too slow and a million others were waiting.</summary>
    public long RemovalsDropped { get; init; }

    /// <summary>Reads that found a value or an absence, of all reads: 0 without reads.</summary>
    public double HitRatio => Hits + AbsentHits + Misses is var reads && reads > 0 ? (Hits + AbsentHits) / (double)reads : 0;

    /// <summary>Entries that left because the cache was full.</summary>
    public long Evictions => Removals[(int)RemovalCause.Evicted];

    internal const int RemovalCounts = (int)RemovalCause.RefreshDropped + 1;

    /// <summary>How many left for this cause.</summary>
    public long RemovalsBy(RemovalCause cause) => Removals[(int)cause];

    /// <summary>What happened between two snapshots.</summary>
    public static CacheStatistics operator -(CacheStatistics later, CacheStatistics earlier)
    {
        ArgumentNullException.ThrowIfNull(later);
        ArgumentNullException.ThrowIfNull(earlier);
        return new()
        {
            Hits = later.Hits - earlier.Hits,
            Misses = later.Misses - earlier.Misses,
            AbsentHits = later.AbsentHits - earlier.AbsentHits,
            Sets = later.Sets - earlier.Sets,
            Removals = [.. later.Removals.Zip(earlier.Removals, static (a, b) => a - b)],
            Refused = later.Refused - earlier.Refused,
            Loads = later.Loads - earlier.Loads,
            LoadFailures = later.LoadFailures - earlier.LoadFailures,
            Joins = later.Joins - earlier.Joins,
            LoadTime = later.LoadTime - earlier.LoadTime,
            HandlerFailures = later.HandlerFailures - earlier.HandlerFailures,
            PolicyFailures = later.PolicyFailures - earlier.PolicyFailures,
            RemovalsDropped = later.RemovalsDropped - earlier.RemovalsDropped,
        };
    }

    /// <summary>What happened between two snapshots: the same as the operator.</summary>
    public static CacheStatistics Subtract(CacheStatistics later, CacheStatistics earlier) => later - earlier;
}
