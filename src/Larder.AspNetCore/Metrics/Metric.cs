using System.Diagnostics.Metrics;
using System.Globalization;

namespace Larder.AspNetCore.Metrics;

/// <summary>What one instrument has told, under each set of attributes.</summary>
internal sealed class Metric
{
    // Whoever puts a user's name into an attribute fills the memory of this process, and of Prometheus: what comes under further sets is left out.
    private const int MostSeries = 1_000;

    private static readonly double[] _defaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly bool _isAdded; // Rather than replaced: what it tells are changes, or parts.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal); // Guarded by _gate. By the attributes, whatever their order.

    internal Metric(Instrument instrument)
    {
        Instrument = instrument;
        string kind = instrument.GetType().Name;
        IsCounter = kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal);
        IsHistogram = kind.StartsWith("Histogram", StringComparison.Ordinal);
        _isAdded = kind.Contains("Counter", StringComparison.Ordinal);
        Bounds = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries ?? _defaultBounds,
            Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(static bound => (double)bound).ToArray() ?? _defaultBounds,
            Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(static bound => (double)bound).ToArray() ?? _defaultBounds,
            _ => _defaultBounds,
        };
    }

    internal Instrument Instrument { get; }

    internal bool IsCounter { get; }

    internal bool IsHistogram { get; }

    internal IReadOnlyList<double> Bounds { get; }

    internal void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        var labels = Labels(attributes);
        string key = string.Join('\n', labels);
        lock (_gate)
        {
            if (!_series.TryGetValue(key, out var series))
            {
                if (_series.Count >= MostSeries) return;
                series = new(labels) { Counts = IsHistogram ? new long[Bounds.Count + 1] : [] };
            }

            if (IsHistogram) series.Counts[BucketOf(value)]++;
            _series[key] = series with { Value = _isAdded || IsHistogram ? series.Value + value : value };
        }
    }

    /// <summary>Observable instruments are about to tell everything anew.</summary>
    internal void BeginReading()
    {
        if (!Instrument.IsObservable) return;
        lock (_gate) _series.Clear();
    }

    internal IReadOnlyList<Series> Copy()
    {
        lock (_gate) return [.. _series.Values.Select(static series => series with { Counts = [.. series.Counts] })];
    }

    private int BucketOf(double value)
    {
        int bucket = 0;
        while (bucket < Bounds.Count && value > Bounds[bucket]) bucket++;
        return bucket;
    }

    private static KeyValuePair<string, string>[] Labels(ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        var labels = new KeyValuePair<string, string>[attributes.Length];
        for (int i = 0; i < labels.Length; i++) labels[i] = new(PrometheusText.NameOf(attributes[i].Key), Convert.ToString(attributes[i].Value, CultureInfo.InvariantCulture) ?? "");
        Array.Sort(labels, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return labels.Length > 1 ? [.. labels.DistinctBy(static label => label.Key)] : labels;
    }
}
