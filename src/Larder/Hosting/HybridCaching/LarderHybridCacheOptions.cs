using System.Text.Json;
using Larder.Observability;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder;

/// <summary>How a <see cref="LarderHybridCache"/> behaves. Checked when it is built.</summary>
/// <example><code>
/// services.AddLarderHybridCache(o => o with
/// {
///     DefaultEntryOptions = new() { Expiration = TimeSpan.FromMinutes(30), LocalCacheExpiration = TimeSpan.FromMinutes(5) },
///     Lifetime = new() { Stale = TimeSpan.FromHours(1), Fallback = TimeSpan.FromDays(1) },
/// });
/// </code></example>
public sealed record LarderHybridCacheOptions
{
    /// <summary>What the cache is called in logs, metrics and tiers: what shares a tier by intention has one name. Default: "hybrid".</summary>
    public string Name { get; init; } = "hybrid";

    /// <summary>What counts where a call says nothing: expirations and flags. Default: null, five minutes everywhere and no flags.</summary>
    public HybridCacheEntryOptions? DefaultEntryOptions { get; init; }

    /// <summary>
    /// How long values are served while they are refreshed, and kept to fall back on, beyond their expiration. How long they are fresh is said by the call, or by
    /// <see cref="DefaultEntryOptions"/>, or else here. Default: fresh for five minutes, and then gone.
    /// </summary>
    public Lifetime Lifetime { get; init; } = Lifetime.FreshFor(TimeSpan.FromMinutes(5));

    /// <summary>How many entries memory holds: at least 1. Default: 100,000.</summary>
    public long Capacity { get; init; } = 100_000;

    /// <summary>How many characters a key may have; a longer one passes the cache by. At least 1; default: 1,024.</summary>
    public int MaximumKeyLength { get; init; } = 1024;

    /// <summary>How many bytes a value may have, serialized; a larger one is kept in memory alone. At least 1; default: 1 MiB.</summary>
    public int MaximumPayloadBytes { get; init; } = 1 << 20;

    /// <summary>What happens when a factory fails or is slow. Default: the exception goes to the callers, and the next asks again.</summary>
    public FailureOptions Failure { get; init; } = new() { Backoff = null };

    /// <summary>What keeps values below memory, the uppermost first. Default: nothing; in a container, its <c>IDistributedCache</c>, unless that is in memory.</summary>
    public IReadOnlyList<TierOptions> Tiers { get; init; } = [];

    /// <summary>Which of a container's keyed <c>IDistributedCache</c>s is the tier where <see cref="Tiers"/> names none; there must be one. Default: null, the one without a key, if there is one.</summary>
    public object? DistributedCacheServiceKey { get; init; }

    /// <summary>How the cache learns what other processes have changed. Default: it does not.</summary>
    public CoherenceOptions? Coherence { get; init; }

    /// <summary>How values become JSON that have no serializer of their own. Default: null, the container's for <c>IHybridCacheSerializer&lt;&gt;</c>, or by reflection, fields included.</summary>
    public JsonSerializerOptions? Json { get; init; }

    /// <summary>The clock. Default: the system's; from a container, the container's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where faults are told of. Default: nowhere; from a container, its loggers.</summary>
    public ILogger Logger { get; init => field = GuardedLogger.Of(value); } = NullLogger.Instance;

    internal IEnumerable<string> Faults()
    {
        if (Capacity < 1) yield return $"{nameof(Capacity)} is {Capacity}; it must be at least 1.";
        if (MaximumKeyLength < 1) yield return $"{nameof(MaximumKeyLength)} is {MaximumKeyLength}; it must be at least 1.";
        if (MaximumPayloadBytes < 1) yield return $"{nameof(MaximumPayloadBytes)} is {MaximumPayloadBytes}; it must be at least 1.";
        if (Lifetime is null) yield return $"{nameof(Lifetime)} is null; leave it out for the default.";
        if (Logger is null) yield return $"{nameof(Logger)} is null; leave it out for the default.";
        if (DefaultEntryOptions?.Expiration <= TimeSpan.Zero) yield return $"{nameof(DefaultEntryOptions)}.{nameof(HybridCacheEntryOptions.Expiration)} is {DefaultEntryOptions.Expiration}; it must be above zero, or null for the default.";
        if (DefaultEntryOptions?.LocalCacheExpiration <= TimeSpan.Zero) yield return $"{nameof(DefaultEntryOptions)}.{nameof(HybridCacheEntryOptions.LocalCacheExpiration)} is {DefaultEntryOptions.LocalCacheExpiration}; it must be above zero, or null for the default.";
    }
}
