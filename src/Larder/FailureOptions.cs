using Larder.Observability;

namespace Larder;

/// <summary>What happens when the source fails, is slow, or is not to be asked.</summary>
/// <example><code>
/// new FailureOptions
/// {
///     SoftTimeout = TimeSpan.FromMilliseconds(200),        // then an expired value is served, and the load goes on behind
///     HardTimeout = TimeSpan.FromSeconds(5),               // then the load is given up
///     Breaker = new CircuitBreaker(),                      // five failures in a row, and the source is left alone for 30 s
/// }
/// </code></example>
public sealed record FailureOptions
{
    /// <summary>Whether an expired value is served when the load that should replace it fails. Default: true.</summary>
    public bool UsesFallback { get; init; } = true;

    /// <summary>After this time, tiers included, a reader with an expired value gets it, and the load goes on behind. Above zero; default: null, never.</summary>
    public TimeSpan? SoftTimeout { get; init; }

    /// <summary>After this time, tiers included, a load fails with a <see cref="TimeoutException"/>. Above zero; default: null, never.</summary>
    public TimeSpan? HardTimeout { get; init; }

    /// <summary>How long a key that failed to load is not asked for again; meanwhile its readers get the fallback, or the exception. Null: not at all. Default: 1 second, doubling to 30.</summary>
    public BackoffOptions? Backoff { get; init; } = new();

    /// <summary>How many failed keys are remembered for their back-off: at least 1. Default: 10,000.</summary>
    public int RememberedKeys { get; init; } = 10_000;

    /// <summary>
    /// How many loaders may go on after they were given up (they ignore their cancellation token); beyond that no load is
    /// started. At least 1. Default: 1,000.
    /// </summary>
    public int MaxAbandoned { get; init; } = 1_000;

    /// <summary>Guards the loaders; may be shared by the caches of one source. Only what loaders do counts. Default: null, none.</summary>
    public CircuitBreaker? Breaker { get; init; }

    /// <summary>Guards each key by a breaker of its own, besides. Default: null, none.</summary>
    public KeyedBreakerOptions? BreakerPerKey { get; init; }

    internal IEnumerable<string> Faults(string name)
    {
        if (SoftTimeout is { } softTimeout && !LongestWait.IsAllowed(softTimeout)) yield return $"{name}.{nameof(SoftTimeout)} is {SoftTimeout}; it must be {LongestWait.Allowed}, or null for none.";
        if (HardTimeout is { } hardTimeout && !LongestWait.IsAllowed(hardTimeout)) yield return $"{name}.{nameof(HardTimeout)} is {HardTimeout}; it must be {LongestWait.Allowed}, or null for none.";
        if (SoftTimeout >= HardTimeout) yield return $"{name}.{nameof(SoftTimeout)} is {SoftTimeout}; it must be below {name}.{nameof(HardTimeout)}, which is {HardTimeout}.";
        if (RememberedKeys < 1) yield return $"{name}.{nameof(RememberedKeys)} is {RememberedKeys}; it must be at least 1.";
        if (MaxAbandoned < 1) yield return $"{name}.{nameof(MaxAbandoned)} is {MaxAbandoned}; it must be at least 1.";
        foreach (var fault in Backoff?.Faults($"{name}.{nameof(Backoff)}") ?? []) yield return fault;
        foreach (var fault in BreakerPerKey?.Faults($"{name}.{nameof(BreakerPerKey)}") ?? []) yield return fault;
    }
}
