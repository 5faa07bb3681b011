using Larder.Observability;

namespace Larder;

/// <summary>One tier below the memory of a <see cref="LoadingCache{TKey, TValue}"/>, and how it is used.</summary>
/// <example><code>
/// Tiers = [new(await DiskTier.OpenAsync(new() { Directory = "cache/users" })) { Lifetime = Lifetime.FreshFor(TimeSpan.FromHours(1)) }]
/// </code></example>
public sealed record TierOptions
{
    /// <summary>Uses a tier.</summary>
    public TierOptions(ICacheTier tier) => Tier = tier;

    /// <summary>Where the bytes are kept. One cache's alone: what clears the cache clears it.</summary>
    public ICacheTier Tier { get; init; }

    /// <summary>How long values stay in it. Default: as long as in memory. A lifetime given with a write, or by a loader, counts for every tier.</summary>
    public Lifetime? Lifetime { get; init; }

    /// <summary>How long a read waits for it before it goes on without: above zero. Default: 1 second.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a write or a removal waits for it; then it is done behind the caller's back. Above zero. Default: 2 seconds.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>When it is left alone, because it fails, and for how long. Default: after 5 failures in a row, for 5 seconds.</summary>
    public BreakerOptions Breaker { get; init; } = new() { OpenDuration = TimeSpan.FromSeconds(5), SuccessThreshold = 1, HalfOpenProbes = 1 };

    /// <summary>
    /// How many writes and removals wait for it, while it is slow or fails: at least 1. When more come, all are forgotten, and the tier
    /// is cleared before it is read again. Default: 10,000.
    /// </summary>
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>How many bytes of values wait for it at most: at least 1. Beyond, a value is removed from the tier instead. Default: 64 MiB.</summary>
    public long MaxWaitingBytes { get; init; } = 64 << 20;

    /// <summary>Whether it is disposed with the cache. Default: true.</summary>
    public bool IsOwned { get; init; } = true;

    internal IEnumerable<string> Faults(string name)
    {
        if (Tier is null) yield return $"{name}.{nameof(Tier)} is null; it must be a tier.";
        foreach (var fault in Lifetime?.Faults($"{name}.{nameof(Lifetime)}") ?? []) yield return fault;
        if (!LongestWait.IsAllowed(ReadTimeout)) yield return $"{name}.{nameof(ReadTimeout)} is {ReadTimeout}; it must be {LongestWait.Allowed}.";
        if (!LongestWait.IsAllowed(WriteTimeout)) yield return $"{name}.{nameof(WriteTimeout)} is {WriteTimeout}; it must be {LongestWait.Allowed}.";
        if (Breaker is null) yield return $"{name}.{nameof(Breaker)} is null; leave it out for the default.";
        foreach (var fault in Breaker?.Faults($"{name}.{nameof(Breaker)}") ?? []) yield return fault;
        if (MaxWaiting < 1) yield return $"{name}.{nameof(MaxWaiting)} is {MaxWaiting}; it must be at least 1.";
        if (MaxWaitingBytes < 1) yield return $"{name}.{nameof(MaxWaitingBytes)} is {MaxWaitingBytes}; it must be at least 1.";
    }
}
