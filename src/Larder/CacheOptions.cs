using Larder.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder;

/// <summary>How a <see cref="Cache{TKey, TValue}"/> behaves. Checked when the cache is built.</summary>
/// <example><code>
/// var cache = new Cache&lt;string, byte[]&gt;(new()
/// {
///     Capacity = 64 * 1024 * 1024,
///     Weigher = static (key, value) => value.Length,
///     Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)),
/// });
/// </code></example>
public sealed record CacheOptions<TKey, TValue> where TKey : notnull
{
    /// <summary>How much the cache holds, in entries, or in the weigher's units: at least 1. Default: 10,000.</summary>
    public long Capacity { get; init; } = 10_000;

    /// <summary>Which entry leaves a full cache. Default: <see cref="EvictionPolicy.Default"/>, which adapts.</summary>
    public EvictionPolicy Policy { get; init; } = EvictionPolicy.Default;

    /// <summary>What an entry takes of the capacity: zero or more. Default: null, 1 each.</summary>
    public Func<TKey, TValue, long>? Weigher { get; init; }

    /// <summary>Has the cache find out what another capacity or policy would do. Default: null, it does not.</summary>
    public AdviceOptions? Advice { get; init; }

    /// <summary>How long entries live. Default: <see cref="Lifetime.Forever"/>.</summary>
    public Lifetime Lifetime { get; init; } = Lifetime.Forever;

    /// <summary>How long one entry lives, computed when it is written without a lifetime of its own; null for <see cref="Lifetime"/>. Default: null.</summary>
    public Func<TKey, TValue, Lifetime?>? LifetimeOf { get; init; }

    /// <summary>When keys are equal. Default: null, by the keys' own equality (strings by ordinal, hashed with a secret seed).</summary>
    public IEqualityComparer<TKey>? Comparer { get; init; }

    /// <summary>Into how many parts the cache is divided. Default: by processors and capacity.</summary>
    public ShardOptions<TKey> Shards { get; init; } = new();

    /// <summary>How absences are remembered. Default: among the values, as long as they.</summary>
    public AbsentOptions Absent { get; init; } = new();

    /// <summary>Whether values are copied. Default: shared.</summary>
    public CopyOptions<TValue> Copy { get; init; } = new();

    /// <summary>
    /// Told of every entry that left, in order for each key, off the caller's path, one call at a time. What it throws is
    /// counted and logged. Default: null.
    /// </summary>
    public Action<Removal<TKey, TValue>>? Removed { get; init; }

    /// <summary>The clock. Default: the system's, read every 10 ms or so; any other is asked at every read.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the faults of handlers are told of. Default: nowhere.</summary>
    public ILogger Logger { get; init => field = GuardedLogger.Of(value); } = NullLogger.Instance;

    /// <summary>Every fault at once; each names the property, the value and what is allowed.</summary>
    internal IEnumerable<string> Faults() =>
        LoadingFaults().Concat((Lifetime?.AgeingFaults(nameof(Lifetime)) ?? []).Concat(Absent?.Lifetime?.AgeingFaults($"{nameof(Absent)}.{nameof(Absent.Lifetime)}") ?? []));

    /// <summary>The faults for a cache that has a loader, so that values may be stale or kept as a fallback.</summary>
    internal IEnumerable<string> LoadingFaults()
    {
        if (Capacity < 1) yield return $"{nameof(Capacity)} is {Capacity}; it must be at least 1.";
        foreach (var (name, value) in new (string, object?)[]
                 {
                     (nameof(Policy), Policy), (nameof(Lifetime), Lifetime), (nameof(Shards), Shards), (nameof(Absent), Absent),
                     (nameof(Copy), Copy), (nameof(TimeProvider), TimeProvider), (nameof(Logger), Logger),
                 })
        {
            if (value is null) yield return $"{name} is null; leave it out for the default.";
        }

        foreach (var fault in Lifetime?.Faults(nameof(Lifetime)) ?? []) yield return fault;
        foreach (var fault in Shards?.Faults(nameof(Shards)) ?? []) yield return fault;
        foreach (var fault in Advice?.Faults(nameof(Advice)) ?? []) yield return fault;
        foreach (var fault in Absent?.Faults(nameof(Absent)) ?? []) yield return fault;
        if (Shards?.Count > Capacity) yield return $"{nameof(Shards)}.{nameof(Shards.Count)} is {Shards.Count}; it must be at most the {nameof(Capacity)}, which is {Capacity}.";
        if (Shards?.Count > Absent?.Capacity) yield return $"{nameof(Shards)}.{nameof(Shards.Count)} is {Shards!.Count}; it must be at most {nameof(Absent)}.{nameof(Absent.Capacity)}, which is {Absent!.Capacity}.";
    }
}
