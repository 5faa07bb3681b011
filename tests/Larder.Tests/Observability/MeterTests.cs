using System.Diagnostics.Metrics;
using Larder.TestKit;

namespace Larder.Tests.Observability;

/// <summary>What a listener to the meter gets.</summary>
public sealed class MeterTests : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, string Unit, double Value, Dictionary<string, object?> Tags)> _heard = [];
    private readonly string _name = $"meter {Guid.NewGuid()}";

    public MeterTests()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == LarderTelemetry.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.Start();
    }

    [Fact]
    public async Task Every_figure_of_a_cache_is_measured_under_its_name()
    {
        var clock = new FakeClock();
        await using var cache = new LoadingCache<int, string>(static (key, _) => key == 13 ? throw new TimeZoneNotFoundException() : new("x"), new()
        {
            Name = _name,
            Memory = new() { Capacity = 100, TimeProvider = clock },
            Failure = new() { Breaker = new() },
            Tiers = [new(new InMemoryTier(timeProvider: clock))],
            Writing = new(Writer.For<int, string>(static (_, _) => default)) { Behind = new() },
            Coherence = new(new InProcessBus().Join()),
        });
        await cache.GetAsync(1);
        await cache.GetAsync(1);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await cache.GetAsync(13));
        await cache.SetAsync(2, "written");
        await cache.InvalidateAsync(1);
        _listener.RecordObservableInstruments();
        Assert.Equal(1, One("larder.cache.requests", LarderTelemetry.StatusAttribute, "hit"));
        Assert.Equal(2, One("larder.cache.requests", LarderTelemetry.StatusAttribute, "miss"));
        Assert.Equal(1, One("larder.cache.loads", LarderTelemetry.StatusAttribute, "success"));
        Assert.Equal(1, One("larder.cache.loads", LarderTelemetry.StatusAttribute, "failure"));
        Assert.Equal(1, One("larder.cache.removals", LarderTelemetry.CauseAttribute, "invalidated"));
        Assert.Equal((100, 1, 0), (One("larder.cache.capacity"), One("larder.cache.size"), One("larder.cache.breaker.state")));
        Assert.Equal(1, One("larder.writes.waiting"));
        Assert.Equal((1, 2), (One("larder.link.up"), One("larder.invalidations", LarderTelemetry.StatusAttribute, "told")));
        Assert.Equal(2, One("larder.tier.requests", LarderTelemetry.StatusAttribute, "miss"));
        Assert.Equal(2, _heard.Count(static m => m.Name == "larder.cache.load.duration"));
    }

    [Fact]
    public async Task A_disposed_cache_leaves_the_meter()
    {
        var cache = new LoadingCache<int, string>(static (_, _) => new("x"), new() { Name = _name });
        await cache.DisposeAsync();
        _listener.RecordObservableInstruments();
        Assert.DoesNotContain(_heard, m => m.Tags.ContainsValue(_name));
    }

    [Fact]
    public async Task The_page_of_the_documentation_has_every_instrument_and_no_other()
    {
        await using var cache = new LoadingCache<int, string>(static (_, _) => new("x"), new() { Name = _name });
        SortedSet<string> published = new(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => { if (instrument.Meter.Name == LarderTelemetry.MeterName) published.Add($"{instrument.Name} {instrument.Unit}"); } };
        listener.Start();
        await cache.GetAsync(1);
        var documented = Docs.Read("operate/metrics.md").Split('\n').Where(static line => line.StartsWith("| `larder.", StringComparison.Ordinal))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries)).Select(static cells => $"{cells[1].Trim('`')} {cells[2]}").Order(StringComparer.Ordinal);
        Assert.Equal(published, documented);
    }

    public void Dispose() => _listener.Dispose();

    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = new Dictionary<string, object?>(tags.ToArray());
        if (Equals(all.GetValueOrDefault(LarderTelemetry.CacheAttribute), _name))
        {
            lock (_heard) _heard.Add((instrument.Name, instrument.Unit ?? "", value, all));
        }
    }

    private double One(string name, string? attribute = null, string? value = null) =>
        Assert.Single(_heard, m => m.Name == name && (attribute is null || Equals(m.Tags.GetValueOrDefault(attribute), value))).Value;
}
