using System.Text.Json.Serialization;

namespace Larder.AspNetCore.Dashboard;

/// <summary>What a page is told when it connects.</summary>
internal sealed record Greeting(string Application, string Instance, string Token, bool ShowsValues, double IntervalSeconds);

/// <summary>The figures of all caches at one moment. Times are in seconds, shares from 0 to 1.</summary>
internal sealed record Figures(double At, IReadOnlyList<CacheFigures> Caches);

internal sealed record CacheFigures
{
    public required string Name { get; init; }
    public required string KeyType { get; init; }
    public required string ValueType { get; init; }
    public bool ReadsKeys { get; init; }
    public bool CanRefresh { get; init; }
    public bool Loads { get; init; }
    public long Capacity { get; init; }
    public long Weight { get; init; }
    public int InFlight { get; init; }
    public AgeCounts Ages { get; init; }
    public required Counts Total { get; init; }

    /// <summary>Of the last ten seconds.</summary>
    public required Recent Recent { get; init; }

    public BreakerFigures? Breaker { get; init; }
    public IReadOnlyList<TierFigures> Tiers { get; init; } = [];
    public CoherenceStatistics? Coherence { get; init; }
    public WritingStatistics? Writing { get; init; }
    public CacheAdvice? Advice { get; init; }
}

/// <summary>Since the cache was built.</summary>
internal sealed record Counts(
    double HitRatio, long Hits, long StaleHits, long AbsentHits, long Misses, long ExpiredReads, long Fallbacks, long Joins, long Loads, long LoadFailures, long LoadsRefused,
    long RefreshesStarted, long RefreshFailures, long RefreshesRefused, long Evictions, long Expirations, long Invalidations)
{
    internal static Counts Of(LoadingStatistics done) => new(
        done.HitRatio, done.Hits, done.StaleHits, done.AbsentHits, done.Misses, done.ExpiredReads, done.Fallbacks, done.Joins, done.Loads, done.LoadFailures, done.LoadsRefused,
        done.RefreshesStarted, done.RefreshFailures, done.RefreshesRefused, done.Evictions, done.RemovalsBy(RemovalCause.Expired),
        done.RemovalsBy(RemovalCause.Removed) + done.RemovalsBy(RemovalCause.Invalidated));
}

/// <summary>Per second, within a window. Nothing was read or loaded where a figure is null.</summary>
internal sealed record Recent
{
    public double? HitRatio { get; init; }
    public double Hits { get; init; }
    public double Stale { get; init; }
    public double Absent { get; init; }
    public double Misses { get; init; }
    public double Expired { get; init; }
    public double Fallbacks { get; init; }
    public double Loads { get; init; }
    public double Failures { get; init; }
    public double Evictions { get; init; }
    public double? P50 { get; init; }
    public double? P99 { get; init; }
}

/// <summary>Since the cache was built.</summary>
internal sealed record TierFigures(string Name, BreakerState Breaker, bool MustBeCleared, long Hits, long Misses, long Reads, double ReadSeconds, long Failures, long Waiting)
{
    internal static TierFigures Of(TierStatistics tier) =>
        new(tier.Name, tier.Breaker, tier.MustBeCleared, tier.Hits, tier.Misses, tier.Reads, tier.ReadTime.TotalSeconds, tier.Failures, tier.Waiting);
}

internal sealed record BreakerFigures(BreakerState State, double? RetryAfter);

/// <summary>What somebody wants done. The key goes in the body, not in the address, for addresses are logged.</summary>
internal sealed record Wish(string Cache, string? Key = null, bool WithValue = false);

internal sealed record Answer(string Message, FindingFigures? Finding = null);

/// <summary>Times are in seconds; null is for ever.</summary>
internal sealed record FindingFigures(string Key, ReadStatus Status, string? Tier, double? Age, double? FreshFor, double? ServedFor, double? KeptFor, double LoadTime, bool HasValue, string? Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Greeting))]
[JsonSerializable(typeof(Figures))]
[JsonSerializable(typeof(Wish))]
[JsonSerializable(typeof(Answer))]
internal sealed partial class DashboardJson : JsonSerializerContext;
