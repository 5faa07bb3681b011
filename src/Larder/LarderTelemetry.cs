namespace Larder;

/// <summary>The names under which caches are measured and traced, for whoever collects.</summary>
/// <example><code>
/// builder.Services.AddOpenTelemetry()
///     .WithMetrics(metrics => metrics.AddMeter(LarderTelemetry.MeterName))
///     .WithTracing(traces => traces.AddSource(LarderTelemetry.ActivitySourceName));
/// </code></example>
public static class LarderTelemetry
{
    /// <summary>The meter.</summary>
    public const string MeterName = "Larder";

    /// <summary>The source of activities.</summary>
    public const string ActivitySourceName = "Larder";

    /// <summary>The attribute with the cache's name.</summary>
    public const string CacheAttribute = "larder.cache";

    /// <summary>The attribute with what a read met, or how something ended.</summary>
    public const string StatusAttribute = "larder.status";

    /// <summary>The attribute with why an entry left.</summary>
    public const string CauseAttribute = "larder.cause";

    /// <summary>The attribute with the tier's name.</summary>
    public const string TierAttribute = "larder.tier";

    /// <summary>The attribute with the capacity that a gain is foretold of: quarter, half, double or quadruple.</summary>
    public const string CapacityAttribute = "larder.capacity";

    /// <summary>The attribute with what a tier was to do.</summary>
    public const string OperationAttribute = "larder.operation";
}
