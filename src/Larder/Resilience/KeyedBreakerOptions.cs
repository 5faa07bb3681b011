namespace Larder;

/// <summary>A breaker for each key, so that one broken key does not keep the others from being loaded.</summary>
/// <example><code>new FailureOptions { BreakerPerKey = new() { Breaker = new() { FailureThreshold = 3 } } }</code></example>
public sealed record KeyedBreakerOptions
{
    /// <summary>How many keys have a breaker at once: at least 1. The one used longest ago is forgotten first. Default: 10,000.</summary>
    public int Capacity { get; init; } = 10_000;

    /// <summary>When each of them opens and closes.</summary>
    public BreakerOptions Breaker { get; init; } = new();

    internal IEnumerable<string> Faults(string name)
    {
        if (Capacity < 1) yield return $"{name}.{nameof(Capacity)} is {Capacity}; it must be at least 1.";
        if (Breaker is null) yield return $"{name}.{nameof(Breaker)} is null; leave it out for the default.";
        foreach (var fault in Breaker?.Faults($"{name}.{nameof(Breaker)}") ?? []) yield return fault;
    }
}
