using System.Diagnostics.Metrics;

namespace Larder.AspNetCore.Metrics;

/// <summary>One figure with its attributes.</summary>
internal readonly record struct Figure(IReadOnlyList<KeyValuePair<string, object?>> Attributes, double Value);

/// <summary>What a histogram has gathered under one set of attributes.</summary>
internal sealed class Buckets(IReadOnlyList<KeyValuePair<string, object?>> attributes, IReadOnlyList<double> bounds)
{
    internal IReadOnlyList<KeyValuePair<string, object?>> Attributes => attributes;

    internal IReadOnlyList<double> Bounds => bounds;

    /// <summary>How many fell into each bucket, the last one without a bound.</summary>
    internal long[] Counts { get; } = new long[bounds.Count + 1];

    internal double Sum { get; private set; }

    internal void Add(double value)
    {
        int bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket]) bucket++;
        Counts[bucket]++;
        Sum += value;
    }
}

/// <summary>Listens to some meters: remembers what histograms are told, and asks the others when it is read.</summary>
internal sealed class MeterSnapshot : IDisposable
{
    private static readonly double[] _defaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _gate = new();
    private readonly MeterListener _listener;
    private readonly SortedDictionary<string, Instrument> _instruments = new(StringComparer.Ordinal); // Guarded by _gate.
    private readonly Dictionary<string, List<Figure>> _figures = []; // Guarded by _gate. Of one reading.
    private readonly Dictionary<string, Dictionary<string, Buckets>> _histograms = []; // Guarded by _gate.

    internal MeterSnapshot(Func<Meter, bool> isWanted)
    {
        _listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (!isWanted(instrument.Meter)) return;
                lock (_gate) _instruments[instrument.Name] = instrument;
                listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Reads everything, and hands it to one who writes it down, instrument by instrument, in the order of their names.</summary>
    internal void Read(Action<Instrument, IReadOnlyList<Figure>, IReadOnlyCollection<Buckets>> write)
    {
        lock (_gate)
        {
            _figures.Clear();
            _listener.RecordObservableInstruments(); // On this thread, so the lock is its own.
            foreach (var (name, instrument) in _instruments)
                write(instrument, _figures.TryGetValue(name, out var figures) ? figures : [], _histograms.TryGetValue(name, out var histogram) ? histogram.Values : []);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (instrument is not Histogram<double> histogram)
            {
                (_figures.TryGetValue(instrument.Name, out var figures) ? figures : _figures[instrument.Name] = []).Add(new(tags.ToArray(), value));
                return;
            }

            if (!_histograms.TryGetValue(instrument.Name, out var sets)) _histograms[instrument.Name] = sets = [];
            string key = string.Join('\n', tags.ToArray());
            if (!sets.TryGetValue(key, out var buckets)) sets[key] = buckets = new(tags.ToArray(), histogram.Advice?.HistogramBucketBoundaries ?? _defaultBounds);
            buckets.Add(value);
        }
    }
}
