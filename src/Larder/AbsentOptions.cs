namespace Larder;

/// <summary>Keeps remembered absences ("there is no such key") apart from the values: in a bounded store with its own policy.</summary>
/// <example><code>new CacheOptions&lt;string, User&gt; { Absent = new() { Capacity = 10_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) } }</code></example>
public sealed record AbsentOptions
{
    /// <summary>
    /// How many absences are remembered in a store of their own: at least 1. Null: they share the cache's capacity and
    /// policy, each weighing 1. Default: null.
    /// </summary>
    public long? Capacity { get; init; }

    /// <summary>Which absence leaves a full store of their own. Default: null, the cache's. Allowed only with a <see cref="Capacity"/>.</summary>
    public EvictionPolicy? Policy { get; init; }

    /// <summary>How long an absence is remembered. Default: null, as long as the cache's values.</summary>
    public Lifetime? Lifetime { get; init; }

    internal IEnumerable<string> Faults(string name)
    {
        if (Capacity < 1) yield return $"{name}.{nameof(Capacity)} is {Capacity}; it must be at least 1, or null to share the cache's.";
        if (Policy is not null && Capacity is null) yield return $"{name}.{nameof(Policy)} is {Policy}; it needs {name}.{nameof(Capacity)}, for absences that share the cache's capacity share its policy.";
        foreach (var fault in Lifetime?.Faults($"{name}.{nameof(Lifetime)}") ?? []) yield return fault;
    }
}
