using System.Diagnostics.Metrics;

namespace Larder.Observability;

/// <summary>How long loads and calls of tiers took, as histograms, for whoever listens.</summary>
internal static class Durations
{
    private static readonly Meter _meter = new(new MeterOptions("Larder"));

    private static readonly Histogram<double> _loads = _meter.CreateHistogram("larder.cache.load.duration", "s", "How long loads took, refreshes included.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });

    private static readonly Histogram<double> _tierCalls = _meter.CreateHistogram("larder.tier.operation.duration", "s", "How long calls of a tier took, each a batch of keys.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] });

    internal static void AddLoad(string cache, TimeSpan took)
    {
        if (!_loads.Enabled) return;
        try
        {
            _loads.Record(took.TotalSeconds, new KeyValuePair<string, object?>("larder.cache", cache));
        }
        catch (Exception)
        {
            // A listener that throws is told no less next time.
        }
    }

    internal static void AddTierCall(string cache, string tier, string operation, TimeSpan took)
    {
        if (!_tierCalls.Enabled) return;
        try
        {
            _tierCalls.Record(took.TotalSeconds, new("larder.cache", cache), new("larder.tier", tier), new("larder.operation", operation));
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
