using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Larder.TestKit;

namespace Larder.Tests.Observability;

/// <summary>What a listener to the activities is told.</summary>
[Collection(nameof(Alone))]
public sealed class TraceTests : IDisposable
{
    private readonly string _name = $"traced {Guid.NewGuid()}";
    private readonly ConcurrentQueue<Activity> _ended = [];
    private readonly ActivityListener _listener;
    private readonly ActivitySource _requests = new(new ActivitySourceOptions($"requests {Guid.NewGuid()}"));

    public TraceTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == LarderTelemetry.ActivitySourceName || source == _requests,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem(LarderTelemetry.CacheAttribute), _name)) _ended.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _requests.Dispose();
    }

    [Fact]
    public async Task A_load_is_within_the_request_that_led_it_and_the_loader_within_the_load()
    {
        Activity? within = null;
        var gate = new TaskCompletionSource();
        await using var cache = Cache(async (key, _) =>
        {
            within = Activity.Current;
            await gate.Task;
            Assert.Same(within, Activity.Current);
            return $"{key}";
        });
        using var request = _requests.StartActivity("request")!;
        var read = cache.GetAsync(1);
        Assert.Same(request, Activity.Current);
        gate.SetResult();
        await read;
        Assert.Same(request, Activity.Current);
        var load = Assert.Single(_ended);
        Assert.Equal(("larder.load", request.SpanId, request.TraceId, ActivityStatusCode.Unset), (load.OperationName, load.ParentSpanId, load.TraceId, load.Status));
        Assert.Equal(("success", 1), (load.GetTagItem(LarderTelemetry.StatusAttribute), load.GetTagItem("larder.keys")));
        Assert.Same(load, within);
        await cache.GetAsync(1);
        Assert.Single(_ended);
    }

    [Fact]
    public async Task Who_joins_a_load_links_to_it()
    {
        var gate = new TaskCompletionSource<string>();
        await using var cache = Cache((_, _) => new(gate.Task));
        var leader = cache.GetAsync(1);
        using var request = _requests.StartActivity("joiner")!;
        var joiner = cache.GetAsync(1);
        Assert.Empty(request.Links);
        gate.SetResult("x");
        Assert.Equal("x", await joiner);
        Assert.Equal(Assert.Single(_ended).Context, Assert.Single(request.Links).Context);
        Assert.Equal("x", await leader);
    }

    [Fact]
    public async Task A_load_that_fails_says_with_what_and_not_what_it_said()
    {
        await using var cache = Cache(static (_, _) => throw new TimeZoneNotFoundException("key 1 of Ada"));
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await cache.GetAsync(1));
        var load = Assert.Single(_ended);
        Assert.Equal((ActivityStatusCode.Error, null, "failure", typeof(TimeZoneNotFoundException).FullName), (load.Status, load.StatusDescription, load.GetTagItem(LarderTelemetry.StatusAttribute), load.GetTagItem("error.type")));
        Assert.DoesNotContain(load.TagObjects, static tag => $"{tag.Value}".Contains("Ada", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_load_that_takes_too_long_is_told_when_it_is_given_up_and_once()
    {
        var clock = new FakeClock();
        var gate = new TaskCompletionSource<string>();
        await using var cache = Cache((_, _) => new(gate.Task), o => o with { Memory = o.Memory with { TimeProvider = clock }, Failure = new() { HardTimeout = TimeSpan.FromSeconds(1) } });
        var read = cache.GetAsync(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(async () => await read);
        Assert.Equal("timeout", Assert.Single(_ended).GetTagItem(LarderTelemetry.StatusAttribute));
        gate.SetResult("late");
        await cache.Loads.QuietAsync();
        Assert.Single(_ended);
    }

    [Fact]
    public async Task A_refresh_is_a_trace_of_its_own_that_links_to_the_request_which_caused_it()
    {
        var clock = new FakeClock();
        var within = new TaskCompletionSource<Activity?>();
        int asked = 0;
        await using var cache = Cache((_, _) =>
        {
            if (++asked == 2) within.SetResult(Activity.Current);
            return new("x");
        }, o => o with { Memory = o.Memory with { TimeProvider = clock, Lifetime = new() { Fresh = TimeSpan.FromSeconds(1), Stale = TimeSpan.FromMinutes(1) } } });
        await cache.GetAsync(1);
        clock.Advance(TimeSpan.FromSeconds(2));
        using (var request = _requests.StartActivity("request")!)
        {
            await cache.GetAsync(1);
            var refreshing = await within.Task;
            while (!_ended.Any(static activity => activity.OperationName == "larder.refresh")) await Task.Yield();
            var refresh = Assert.Single(_ended, static activity => activity.OperationName == "larder.refresh");
            Assert.Same(refresh, refreshing);
            Assert.NotEqual(request.TraceId, refresh.TraceId);
            Assert.Equal((default, request.Context), (refresh.ParentSpanId, Assert.Single(refresh.Links).Context));
            Assert.Same(request, Activity.Current);
        }
    }

    [Fact]
    public async Task A_batch_is_one_load_that_links_to_the_requests_it_serves_beside_the_first()
    {
        await using var cache = new LoadingCache<int, string>(new()
        {
            Name = _name,
            Loaders = [Loader.ForMany<int, string>(static (keys, _) => new(keys.ToDictionary(static key => key, static key => $"{key}")))],
            Batches = new() { Window = TimeSpan.FromMinutes(1), MaxBatch = 2 },
        });
        var reads = new List<Task>();
        var requests = new List<Activity>();
        foreach (int key in new[] { 1, 2 })
        {
            var request = _requests.StartActivity("request")!;
            requests.Add(request);
            reads.Add(cache.GetAsync(key).AsTask());
            Activity.Current = null;
        }

        await Task.WhenAll(reads);
        var load = Assert.Single(_ended);
        Assert.Equal(("larder.load", requests[0].SpanId, 2), (load.OperationName, load.ParentSpanId, load.GetTagItem("larder.keys")));
        Assert.Equal(requests[1].Context, Assert.Single(load.Links).Context);
    }

    [Fact]
    public async Task A_read_of_a_tier_is_within_the_request_and_a_write_links_to_it()
    {
        await using var cache = Cache(static (_, _) => new("x"), static o => o with { Tiers = [new(new InMemoryTier())] });
        using var request = _requests.StartActivity("request")!;
        await cache.GetAsync(1);
        await cache.RemoveAsync(1);
        var read = Assert.Single(_ended, static activity => activity.OperationName == "larder.tier.get");
        Assert.Equal((request.SpanId, "memory-tier", "success"), (read.ParentSpanId, read.GetTagItem(LarderTelemetry.TierAttribute), read.GetTagItem(LarderTelemetry.StatusAttribute)));
        var removal = Assert.Single(_ended, static activity => activity.OperationName == "larder.tier.remove");
        Assert.Equal((default, request.Context), (removal.ParentSpanId, Assert.Single(removal.Links).Context));
    }

    [Fact]
    public async Task A_hit_tells_nobody_anything_and_allocates_nothing()
    {
        int told = 0;
        using var meters = new MeterListener { InstrumentPublished = static (instrument, listener) => { if (instrument.Meter.Name == LarderTelemetry.MeterName) listener.EnableMeasurementEvents(instrument); } };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var tag in tags) told += Equals(tag.Value, _name) ? 1 : 0;
        });
        meters.Start();
        await using var cache = Cache(static (_, _) => new("x"));
        await cache.GetAsync(1);
        Assert.Equal((1, 1), (told, _ended.Count));
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 10_000; i++) Assert.True(IsServed(cache.GetAsync(1)));
        }));
        Assert.Equal((1, 1), (told, _ended.Count));
    }

    [Fact]
    public async Task A_listener_that_throws_breaks_no_load()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == LarderTelemetry.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem(LarderTelemetry.CacheAttribute), _name)) throw new InvalidTimeZoneException();
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var cache = Cache(static (_, _) => new("x"), static o => o with { Tiers = [new(new InMemoryTier())] });
        Assert.Equal("x", await cache.GetAsync(1));
        await cache.RemoveAsync(1);
        Assert.Equal("x", await cache.GetAsync(1));
    }

    private static bool IsServed(ValueTask<string?> read) => read.IsCompletedSuccessfully;

    private LoadingCache<int, string> Cache(Func<int, CancellationToken, ValueTask<string>> load, Func<LoadingCacheOptions<int, string>, LoadingCacheOptions<int, string>>? change = null)
    {
        var options = new LoadingCacheOptions<int, string> { Name = _name, Loaders = [Loader.For(load)] };
        return new(change?.Invoke(options) ?? options);
    }

    /// <summary>A listener is one for the whole process: what others count of allocations must not meet it.</summary>
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;
}
