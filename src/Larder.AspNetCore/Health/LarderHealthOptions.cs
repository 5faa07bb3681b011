namespace Larder;

/// <summary>When caches count as degraded.</summary>
/// <example><code>builder.Services.AddHealthChecks().AddLarder(new() { HitRatioFloor = 0.6 });</code></example>
public sealed record LarderHealthOptions
{
    /// <summary>Below which hit ratio a cache is degraded: 0 to 1. Default: 0, never.</summary>
    public double HitRatioFloor { get; init; }

    /// <summary>
    /// Over how many reads at least the ratio is judged: at least 1. The first so many after a start or a clear are not judged, so a cold start alarms nobody. Default: 1,000.
    /// </summary>
    public long LeastReads { get; init; } = 1_000;

    /// <summary>How long a write may wait for its source: above zero. Default: 1 minute.</summary>
    public TimeSpan MostWriteLag { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many changes a tier may lack: zero or more. Default: 1,000.</summary>
    public long MostTierWaiting { get; init; } = 1_000;

    internal IEnumerable<string> Faults()
    {
        if (!(HitRatioFloor >= 0 && HitRatioFloor <= 1)) yield return $"{nameof(HitRatioFloor)} is {HitRatioFloor}; it must be from 0 to 1.";
        if (LeastReads < 1) yield return $"{nameof(LeastReads)} is {LeastReads}; it must be at least 1.";
        if (MostTierWaiting < 0) yield return $"{nameof(MostTierWaiting)} is {MostTierWaiting}; it must be zero or more.";
        if (MostWriteLag <= TimeSpan.Zero) yield return $"{nameof(MostWriteLag)} is {MostWriteLag}; it must be above zero.";
    }
}
