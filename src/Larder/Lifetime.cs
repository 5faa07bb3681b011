namespace Larder;

/// <summary>How long an entry lives: three durations laid end to end, an idle limit, and jitter. An instant belongs to the later age.</summary>
/// <example><code>
/// var five = Lifetime.FreshFor(TimeSpan.FromMinutes(5));
/// var spread = five with { Jitter = new Jitter { Fraction = 0.1 } };
/// var session = Lifetime.Forever with { Idle = TimeSpan.FromMinutes(20) };
/// </code></example>
public sealed record Lifetime
{
    /// <summary>No expiry.</summary>
    public static Lifetime Forever { get; } = new();

    /// <summary>How long the entry is served as it is. Zero: it is never served fresh. Default and largest: <see cref="TimeSpan.MaxValue"/>, for ever.</summary>
    public TimeSpan Fresh { get; init; } = TimeSpan.MaxValue;

    /// <summary>How long after that a loading cache serves it while it refreshes. Default: zero. An in-process <see cref="Cache{TKey, TValue}"/> takes only zero.</summary>
    public TimeSpan Stale { get; init; }

    /// <summary>How long after that a loading cache keeps it as a fallback. Default: zero. An in-process <see cref="Cache{TKey, TValue}"/> takes only zero.</summary>
    public TimeSpan Fallback { get; init; }

    /// <summary>How long it lives without being used, within the above. Above zero; default: null, however long.</summary>
    public TimeSpan? Idle { get; init; }

    /// <summary>Shortens each life a little, so that what was written together does not end together. Default: null, none.</summary>
    public Jitter? Jitter { get; init; }

    /// <summary>Fresh for <paramref name="duration"/>, then gone.</summary>
    public static Lifetime FreshFor(TimeSpan duration) => new() { Fresh = duration };

    internal IEnumerable<string> Faults(string name)
    {
        if (Fresh < TimeSpan.Zero) yield return $"{name}.{nameof(Fresh)} is {Fresh}; it must be zero or more.";
        if (Stale < TimeSpan.Zero) yield return $"{name}.{nameof(Stale)} is {Stale}; it must be zero or more.";
        if (Fallback < TimeSpan.Zero) yield return $"{name}.{nameof(Fallback)} is {Fallback}; it must be zero or more.";
        if (Idle <= TimeSpan.Zero) yield return $"{name}.{nameof(Idle)} is {Idle}; it must be above zero, or null for none.";
        foreach (var fault in Jitter?.Faults($"{name}.{nameof(Jitter)}") ?? []) yield return fault;
    }

    /// <summary>The faults for a cache that has no loader to refresh or fall back with.</summary>
    internal IEnumerable<string> InProcessFaults(string name)
    {
        foreach (var fault in Faults(name)) yield return fault;
        foreach (var fault in AgeingFaults(name)) yield return fault;
    }

    internal IEnumerable<string> AgeingFaults(string name)
    {
        if (Stale > TimeSpan.Zero) yield return $"{name}.{nameof(Stale)} is {Stale}; a cache without a loader takes only zero.";
        if (Fallback > TimeSpan.Zero) yield return $"{name}.{nameof(Fallback)} is {Fallback}; a cache without a loader takes only zero.";
    }
}
