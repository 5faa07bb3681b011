using System.Diagnostics.Metrics;

namespace Larder.Observability;

/// <summary>How long loads took, as a histogram, for whoever listens.</summary>
internal static class LoadDurations
{
    private static readonly Meter _meter = new(new MeterOptions("Larder"));

    private static readonly Histogram<double> _durations = _meter.CreateHistogram("larder.cache.load.duration", "s", "How long loads took, refreshes included.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });

    internal static void Add(string cache, TimeSpan took)
    {
        if (_durations.Enabled) _durations.Record(took.TotalSeconds, new KeyValuePair<string, object?>("larder.cache", cache));
    }
}
