using System.Diagnostics.Metrics;

namespace Larder.Redis;

/// <summary>How long a server's answers took, as a histogram, for whoever listens: one for each link.</summary>
internal sealed class RedisMeter(string host, int port)
{
    private static readonly Meter _meter = new(new MeterOptions(LarderTelemetry.MeterName));

    private static readonly Histogram<double> _durations = _meter.CreateHistogram("larder.redis.command.duration", "s", "How long it took from sending a command to its answer.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] });

    private readonly KeyValuePair<string, object?> _host = new("server.address", host), _port = new("server.port", port);

    internal void Add(TimeProvider time, long sent)
    {
        if (!_durations.Enabled) return;
        try
        {
            _durations.Record(time.GetElapsedTime(sent).TotalSeconds, _host, _port);
        }
        catch (Exception)
        {
            // A listener that throws must not break the link.
        }
    }
}
