using Larder.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder;

/// <summary>How a <see cref="LarderMemoryCache"/> behaves. Checked when it is built.</summary>
/// <example><code>services.AddLarderMemoryCache(o => o with { SizeLimit = 64 * 1024 * 1024 });</code></example>
public sealed record LarderMemoryCacheOptions
{
    /// <summary>What the cache is called among the caches of a container. Default: "memory".</summary>
    public string Name { get; init; } = "memory";

    /// <summary>How much the entries' sizes may sum to: zero or more. Then every entry must have a size. Default: null, sizes do not matter and <see cref="Capacity"/> counts.</summary>
    public long? SizeLimit { get; init; }

    /// <summary>How many entries the cache holds where there is no <see cref="SizeLimit"/>: at least 1. Default: 1,000,000.</summary>
    public long Capacity { get; init; } = 1_000_000;

    /// <summary>Which entries of normal priority leave a full cache: one of <see cref="EvictionPolicy.All"/>. Default: <see cref="EvictionPolicy.Default"/>.</summary>
    public EvictionPolicy Policy { get; init; } = EvictionPolicy.Default;

    /// <summary>Whether an entry takes over the tokens and the absolute expiration of those that are read or made while it is made. Default: false.</summary>
    public bool TrackLinkedCacheEntries { get; init; }

    /// <summary>How often entries are looked through for tokens that have changed without saying so: when the cache is used, at most once in this time. Zero or more; default: a minute.</summary>
    public TimeSpan ScanFrequency { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The clock. Default: the system's; from a container, the container's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where callbacks that throw are told of. Default: nowhere; from a container, its loggers.</summary>
    public ILogger Logger { get; init => field = GuardedLogger.Of(value); } = NullLogger.Instance;

    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Name)) yield return $"{nameof(Name)} is '{Name}'; it must name the cache.";
        if (SizeLimit < 0) yield return $"{nameof(SizeLimit)} is {SizeLimit}; it must be zero or more, or null for none.";
        if (Capacity < 1) yield return $"{nameof(Capacity)} is {Capacity}; it must be at least 1.";
        if (Policy is null) yield return $"{nameof(Policy)} is null; leave it out for the default.";
        if (Policy?.IsCustom == true) yield return $"{nameof(Policy)} is '{Policy}'; it must be one of {nameof(EvictionPolicy)}.{nameof(EvictionPolicy.All)}.";
        if (ScanFrequency < TimeSpan.Zero) yield return $"{nameof(ScanFrequency)} is {ScanFrequency}; it must be zero or more.";
        if (TimeProvider is null) yield return $"{nameof(TimeProvider)} is null; leave it out for the default.";
        if (Logger is null) yield return $"{nameof(Logger)} is null; leave it out for the default.";
    }
}
