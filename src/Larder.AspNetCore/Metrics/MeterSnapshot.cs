using System.Diagnostics.Metrics;

namespace Larder.AspNetCore.Metrics;

/// <summary>Listens to some meters: remembers what it is told, and asks observable instruments when it is read.</summary>
internal sealed class MeterSnapshot : IDisposable
{
    private readonly MeterListener _listener;
    private readonly Lock _reading = new(); // One reading at a time: what observable instruments answer is of one reading.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Metric> _metrics = new(StringComparer.Ordinal); // Guarded by _gate. By name; of two instruments of one name, the later.

    internal MeterSnapshot(Func<Meter, bool> isWanted)
    {
        _listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (!isWanted(instrument.Meter)) return;
                var metric = new Metric(instrument);
                lock (_gate) _metrics[instrument.Name] = metric;
                listener.EnableMeasurementEvents(instrument, metric);
            },
            MeasurementsCompleted = (instrument, state) =>
            {
                lock (_gate)
                {
                    if (_metrics.GetValueOrDefault(instrument.Name) == state) _metrics.Remove(instrument.Name);
                }
            },
        };
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, metric) => ((Metric)metric!).Add(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, metric) => ((Metric)metric!).Add(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, metric) => ((Metric)metric!).Add(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, metric) => ((Metric)metric!).Add(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, metric) => ((Metric)metric!).Add(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, metric) => ((Metric)metric!).Add(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, metric) => ((Metric)metric!).Add((double)value, tags));
        _listener.Start();
    }

    /// <summary>Reads everything, in the order of the names.</summary>
    internal IReadOnlyList<(Metric Metric, IReadOnlyList<Series> Series)> Read()
    {
        lock (_reading)
        {
            Metric[] metrics;
            lock (_gate) metrics = [.. _metrics.Values];
            foreach (var metric in metrics) metric.BeginReading();
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // Some instrument threw: the others have answered all the same.
            }

            return [.. metrics.Select(static metric => (metric, metric.Copy()))];
        }
    }

    public void Dispose() => _listener.Dispose();
}
