namespace Larder;

/// <summary>What a loading cache has done since it was built or its statistics were reset. Subtract two snapshots for what happened between them.</summary>
/// <example><code>
/// var before = cache.Statistics;
/// await Task.Delay(TimeSpan.FromMinutes(1));
/// Console.WriteLine((cache.Statistics - before).HitRatio);      // of the last minute
/// </code></example>
public sealed record LoadingStatistics
{
    /// <summary>Reads that found a fresh value.</summary>
    public long Hits { get; init; }

    /// <summary>Reads that found a stale value and were served it.</summary>
    public long StaleHits { get; init; }

    /// <summary>Reads that found a remembered absence.</summary>
    public long AbsentHits { get; init; }

    /// <summary>Reads that found nothing.</summary>
    public long Misses { get; init; }

    /// <summary>Reads that found a value kept only as a fallback.</summary>
    public long ExpiredReads { get; init; }

    /// <summary>Reads that were served a fallback in the end.</summary>
    public long Fallbacks { get; init; }

    /// <summary>Reads that waited for a load begun by another.</summary>
    public long Joins { get; init; }

    /// <summary>Values and absences written, by loads or otherwise.</summary>
    public long Sets { get; init; }

    /// <summary>Entries refused because they outweighed the cache.</summary>
    public long Refused { get; init; }

    /// <summary>Entries that left, by cause, in the order of <see cref="RemovalCause"/>.</summary>
    public IReadOnlyList<long> Removals { get; init; } = new long[CacheStatistics.RemovalCounts];

    /// <summary>Removals by tag, each of however many entries, told by other processes included.</summary>
    public long TagRemovals { get; init; }

    /// <summary>Loads that ended with a value or an absence, refreshes included.</summary>
    public long Loads { get; init; }

    /// <summary>Loads that threw or timed out, refreshes included.</summary>
    public long LoadFailures { get; init; }

    /// <summary>Of the failures, those by a timeout.</summary>
    public long LoadTimeouts { get; init; }

    /// <summary>Loads given up because nobody waited any more.</summary>
    public long LoadsCancelled { get; init; }

    /// <summary>Loads not begun because a breaker was open.</summary>
    public long LoadsRefused { get; init; }

    /// <summary>Results not stored because the key was written or removed meanwhile.</summary>
    public long LoadsSuperseded { get; init; }

    /// <summary>Calls of loaders with a batch of keys.</summary>
    public long BatchLoads { get; init; }

    /// <summary>The time that loads took, in all.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>How long each of them took, failed ones included; none for a cache that does not load.</summary>
    public Latencies LoadLatencies { get; init; } = Latencies.None;

    /// <summary>Refreshes begun.</summary>
    public long RefreshesStarted { get; init; }

    /// <summary>Refreshes that failed.</summary>
    public long RefreshFailures { get; init; }

    /// <summary>Refreshes not begun because too many were under way, or a breaker was open.</summary>
    public long RefreshesRefused { get; init; }

    /// <summary>Reads served without waiting, of all reads: 0 without reads.</summary>
    public double HitRatio => Hits + StaleHits + AbsentHits + Misses + ExpiredReads is var reads && reads > 0 ? (Hits + StaleHits + AbsentHits) / (double)reads : 0;

    /// <summary>Entries that left because the cache was full.</summary>
    public long Evictions => Removals[(int)RemovalCause.Evicted];

    /// <summary>How many left for this cause.</summary>
    public long RemovalsBy(RemovalCause cause) => Removals[(int)cause];

    /// <summary>What happened between two snapshots.</summary>
    public static LoadingStatistics operator -(LoadingStatistics later, LoadingStatistics earlier)
    {
        ArgumentNullException.ThrowIfNull(later);
        ArgumentNullException.ThrowIfNull(earlier);
        return new()
        {
            Hits = later.Hits - earlier.Hits,
            StaleHits = later.StaleHits - earlier.StaleHits,
            AbsentHits = later.AbsentHits - earlier.AbsentHits,
            Misses = later.Misses - earlier.Misses,
            ExpiredReads = later.ExpiredReads - earlier.ExpiredReads,
            Fallbacks = later.Fallbacks - earlier.Fallbacks,
            Joins = later.Joins - earlier.Joins,
            Sets = later.Sets - earlier.Sets,
            Refused = later.Refused - earlier.Refused,
            Removals = [.. later.Removals.Zip(earlier.Removals, static (a, b) => a - b)],
            TagRemovals = later.TagRemovals - earlier.TagRemovals,
            Loads = later.Loads - earlier.Loads,
            LoadFailures = later.LoadFailures - earlier.LoadFailures,
            LoadTimeouts = later.LoadTimeouts - earlier.LoadTimeouts,
            LoadsCancelled = later.LoadsCancelled - earlier.LoadsCancelled,
            LoadsRefused = later.LoadsRefused - earlier.LoadsRefused,
            LoadsSuperseded = later.LoadsSuperseded - earlier.LoadsSuperseded,
            BatchLoads = later.BatchLoads - earlier.BatchLoads,
            LoadTime = later.LoadTime - earlier.LoadTime,
            LoadLatencies = later.LoadLatencies - earlier.LoadLatencies,
            RefreshesStarted = later.RefreshesStarted - earlier.RefreshesStarted,
            RefreshFailures = later.RefreshFailures - earlier.RefreshFailures,
            RefreshesRefused = later.RefreshesRefused - earlier.RefreshesRefused,
        };
    }

    /// <summary>What happened between two snapshots: the same as the operator.</summary>
    public static LoadingStatistics Subtract(LoadingStatistics later, LoadingStatistics earlier) => later - earlier;
}
