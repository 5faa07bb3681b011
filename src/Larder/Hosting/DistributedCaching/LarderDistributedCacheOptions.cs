using Larder.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder;

/// <summary>How a <see cref="LarderDistributedCache"/> behaves. Checked when it is built.</summary>
/// <example><code>
/// services.AddLarderDistributedCache((services, o) => o with { Tiers = [new(new RedisTier(services.GetRequiredService&lt;RedisClient&gt;(), o.Name))] });
/// </code></example>
public sealed record LarderDistributedCacheOptions
{
    /// <summary>What the cache is called in logs, metrics and tiers: what shares a tier by intention has one name. Default: "distributed".</summary>
    public string Name { get; init; } = "distributed";

    /// <summary>How many bytes of values memory holds: at least 1. A value that is larger is kept by the tiers alone. Default: 200 MiB.</summary>
    public long SizeLimit { get; init; } = 200 << 20;

    /// <summary>Which entries leave a full memory. Default: <see cref="EvictionPolicy.Default"/>.</summary>
    public EvictionPolicy Policy { get; init; } = EvictionPolicy.Default;

    /// <summary>What keeps entries below memory, the uppermost first. Default: nothing; the cache is then in memory alone.</summary>
    public IReadOnlyList<TierOptions> Tiers { get; init; } = [];

    /// <summary>How the cache learns what other processes have changed. Default: it does not.</summary>
    public CoherenceOptions? Coherence { get; init; }

    /// <summary>Whether values are packed on their way to tiers. Default: they are not.</summary>
    public CompressionOptions? Compression { get; init; }

    /// <summary>The clock. Default: the system's; from a container, the container's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where faults in the background are told of. Default: nowhere; from a container, its loggers.</summary>
    public ILogger Logger { get; init => field = GuardedLogger.Of(value); } = NullLogger.Instance;

    internal IEnumerable<string> Faults()
    {
        if (SizeLimit < 1) yield return $"{nameof(SizeLimit)} is {SizeLimit}; it must be at least 1.";
        if (TimeProvider is null) yield return $"{nameof(TimeProvider)} is null; leave it out for the default.";
    }
}
