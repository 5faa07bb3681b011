namespace Larder;

/// <summary>When caches count as degraded.</summary>
/// <example><code>builder.Services.AddHealthChecks().AddLarder(new() { HitRatioFloor = 0.6 });</code></example>
public sealed record LarderHealthOptions
{
    /// <summary>Below which hit ratio a cache is degraded: 0 to 1. Default: 0, never.</summary>
    public double HitRatioFloor { get; init; }

    /// <summary>How many reads since the last check it takes to judge the ratio: at least 1. So a cold start alarms nobody. Default: 1,000.</summary>
    public long LeastReads { get; init; } = 1_000;

    /// <summary>How long a write may wait for its source: above zero. Default: 1 minute.</summary>
    public TimeSpan MostWriteLag { get; init; } = TimeSpan.FromMinutes(1);

    internal IEnumerable<string> Faults()
    {
        if (!(HitRatioFloor >= 0 && HitRatioFloor <= 1)) yield return $"{nameof(HitRatioFloor)} is {HitRatioFloor}; it must be from 0 to 1.";
        if (LeastReads < 1) yield return $"{nameof(LeastReads)} is {LeastReads}; it must be at least 1.";
        if (MostWriteLag <= TimeSpan.Zero) yield return $"{nameof(MostWriteLag)} is {MostWriteLag}; it must be above zero.";
    }
}
