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
        Assert.Equal((1, 0), (One("larder.cache.entries"), One("larder.cache.loads.active")));
        Assert.Equal((2, 0), (One("larder.cache.sets", LarderTelemetry.StatusAttribute, "kept"), One("larder.invalidations.waiting")));
    }

    [Fact]
    public async Task Each_call_of_a_tier_is_measured_by_what_it_was_to_do()
    {
        await using var cache = new LoadingCache<int, string>(static (_, _) => new("x"), new() { Name = _name, Tiers = [new(new InMemoryTier())] });
        await cache.GetAsync(1);
        await cache.RemoveAsync(1);
        HashSet<(object?, object?)> calls;
        lock (_heard) calls = [.. _heard.Where(static m => m.Name == "larder.tier.operation.duration").Select(static m => (m.Tags[LarderTelemetry.TierAttribute], m.Tags[LarderTelemetry.OperationAttribute]))];
        Assert.Contains(("memory-tier", "get"), calls);
        Assert.Contains(("memory-tier", "remove"), calls);
    }

    [Fact]
    public void A_cache_that_does_not_load_is_measured_while_it_is_in_a_directory()
    {
        using var cache = new Cache<int, string>(new() { Capacity = 3, Weigher = static (_, value) => value.Length });
        var directory = new CacheDirectory();
        var membership = directory.Add(CacheView.Of(cache, _name));
        cache.Set(1, "ab");
        cache.TryGet(1, out _);
        _listener.RecordObservableInstruments();
        Assert.Equal((1, 1, 2, 3), (One("larder.cache.requests", LarderTelemetry.StatusAttribute, "hit"), One("larder.cache.entries"), One("larder.cache.size"), One("larder.cache.capacity")));
        membership.Dispose();
        _heard.Clear();
        _listener.RecordObservableInstruments();
        Assert.Empty(_heard);
    }

    [Fact]
    public void What_another_capacity_would_gain_is_measured_once_there_is_enough_of_a_sample()
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, string>(new() { Capacity = 100, Policy = EvictionPolicy.Lru, Shards = new() { Count = 1 }, Advice = new(), TimeProvider = clock });
        using var membership = new CacheDirectory().Add(CacheView.Of(cache, _name));
        Read(1000);
        _listener.RecordObservableInstruments();
        Assert.DoesNotContain(_heard, static m => m.Name == "larder.cache.advice.gain");

        // A loop of 150 keys, for which this is too small and twice as much is enough.
        Read(30_000);
        _listener.RecordObservableInstruments();
        Assert.Equal(0, One("larder.cache.advice.gain", LarderTelemetry.CapacityAttribute, "half"));
        Assert.Equal(1, One("larder.cache.advice.gain", LarderTelemetry.CapacityAttribute, "double"), 0.02);

        void Read(int times)
        {
            for (int i = 0; i < times; i++)
            {
                if (!cache.TryGet(i % 150, out _)) cache.Set(i % 150, "");
                if (i % 1000 == 999) clock.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    [Fact]
    public async Task A_view_that_throws_is_the_only_one_that_is_not_measured()
    {
        await using var cache = new LoadingCache<int, string>(static (_, _) => new("x"), new() { Name = _name });
        var directory = new CacheDirectory();
        using var membership = directory.Add(new BrokenView());
        _listener.RecordObservableInstruments();
        Assert.Equal(0, One("larder.cache.entries"));
    }

    [Fact]
    public async Task A_listener_that_throws_breaks_no_load()
    {
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            if (new Dictionary<string, object?>(tags.ToArray()).ContainsValue(_name)) throw new TimeZoneNotFoundException();
        });
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == LarderTelemetry.MeterName && !instrument.IsObservable) listener.EnableMeasurementEvents(instrument);
        };
        listener.Start();
        await using var cache = new LoadingCache<int, string>(static (_, _) => new("x"), new() { Name = _name, Tiers = [new(new InMemoryTier())] });
        Assert.Equal("x", await cache.GetAsync(1));
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
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(Larder.Observability.Durations).TypeHandle);
        var documented = Docs.Read("operate/metrics.md").Split('\n').Where(static line => line.StartsWith("| `larder.", StringComparison.Ordinal) && !line.StartsWith("| `larder.redis.", StringComparison.Ordinal))
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

    private sealed class BrokenView : ICacheView
    {
        public string Name => "broken";

        public string KeyType => "int";

        public string ValueType => "int";

        public LoadingStatistics Statistics => new();

        public long Count => throw new TimeZoneNotFoundException();

        public long Capacity => 1;

        public long Weight => 0;

        public int LoadsInFlight => 0;

        public CircuitBreaker? Breaker => null;

        public IReadOnlyList<TierStatistics> Tiers => [];

        public CoherenceStatistics? Coherence => null;

        public WritingStatistics? Writing => null;

        public bool ReadsKeys => false;

        public bool CanRefresh => false;

        public AgeCounts CountAges() => new(0, 0, 0, 0);

        public ValueTask<KeyFinding> LookUpAsync(string key, bool withValue = false, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<KeyFinding> RefreshAsync(string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask ClearAsync(CancellationToken cancellationToken = default) => default;
    }
}
