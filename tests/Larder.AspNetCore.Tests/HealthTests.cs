using Larder.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Larder.AspNetCore.Tests;

public sealed class HealthTests
{
    private readonly string _name = $"health {Guid.NewGuid()}";

    [Fact]
    public async Task A_new_cache_is_healthy_and_an_open_breaker_makes_it_degraded_by_name()
    {
        var clock = new FakeClock();
        var breaker = new CircuitBreaker(new() { FailureThreshold = 1, SuccessThreshold = 1, OpenDuration = TimeSpan.FromMinutes(1), TimeProvider = clock });
        bool fails = false;
        await using var cache = new LoadingCache<int, int>((key, _) => fails ? throw new TimeZoneNotFoundException() : new(key), new() { Name = _name, Memory = new() { Capacity = 10, TimeProvider = clock }, Failure = new() { Breaker = breaker } });
        var checks = Checks(new() { HitRatioFloor = 0.5 });
        Assert.Null(await WorryAsync(checks));
        await cache.GetAsync(1);
        Assert.Null(await WorryAsync(checks));
        fails = true;
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await cache.GetAsync(2));
        Assert.Equal("The source's breaker is Open.", await WorryAsync(checks));
        fails = false;
        clock.Advance(TimeSpan.FromMinutes(2));
        await cache.GetAsync(2);
        Assert.Null(await WorryAsync(checks));
        breaker.Isolate();
        Assert.Equal("The source's breaker is Isolated.", await WorryAsync(checks));
    }

    [Fact]
    public async Task A_low_hit_ratio_is_a_trouble_until_the_next_stretch_and_never_when_the_cache_begins_or_was_cleared()
    {
        await using var cache = new LoadingCache<int, int>(static (key, _) => new(key), new() { Name = _name, Memory = new() { Capacity = 10 } });
        var checks = Checks(new() { HitRatioFloor = 0.5, LeastReads = 100 });
        await ReadAsync(1, 99);
        Assert.Null(await WorryAsync(checks));
        await ReadAsync(100, 200);
        Assert.Null(await WorryAsync(checks)); // The start.
        await ReadAsync(300, 99);
        Assert.Null(await WorryAsync(checks)); // Too few.
        await ReadAsync(400, 1);
        Assert.Equal("The hit ratio of 100 reads is 0.0 %.", await WorryAsync(checks));
        for (int i = 0; i < 50; i++) await cache.GetAsync(400);
        Assert.NotNull(await WorryAsync(checks)); // Not judged anew yet.
        for (int i = 0; i < 50; i++) await cache.GetAsync(400);
        Assert.Null(await WorryAsync(checks));
        await cache.ClearAsync();
        await ReadAsync(500, 100);
        Assert.Null(await WorryAsync(checks));
        await ReadAsync(600, 100);
        Assert.NotNull(await WorryAsync(checks));

        async Task ReadAsync(int from, int count)
        {
            for (int key = from; key < from + count; key++) await cache.GetAsync(key);
        }
    }

    [Fact]
    public async Task A_tier_that_fails_and_one_that_lacks_too_much_are_troubles()
    {
        var clock = new FakeClock();
        var tier = new FlakyTier(new InMemoryTier(), seed: 1, failing: 0, slow: 0) { IsDown = true };
        await using var cache = new LoadingCache<int, int>(static (key, _) => new(key), new()
        {
            Name = _name,
            Memory = new() { TimeProvider = clock },
            Tiers = [new(tier) { Breaker = new() { FailureThreshold = 1 } }],
        });
        var checks = Checks(new() { MostTierWaiting = 2 });
        Assert.Null(await WorryAsync(checks));
        for (int key = 0; key < 3; key++) await cache.SetAsync(key, key);
        Assert.Contains("The breaker of tier 'flaky' is Open.", await WorryAsync(checks), StringComparison.Ordinal);
        Assert.Contains("3 changes wait for tier 'flaky'.", await WorryAsync(checks), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_waits_too_long_for_its_source_is_a_trouble()
    {
        var clock = new FakeClock();
        await using var cache = new LoadingCache<int, int>(new()
        {
            Name = _name,
            Memory = new() { TimeProvider = clock },
            Writing = new(Writer.For<int, int>(static (_, _) => default)) { Behind = new() { Interval = TimeSpan.FromHours(1) } },
        });
        var checks = Checks(new() { MostWriteLag = TimeSpan.FromSeconds(10) });
        await cache.SetAsync(1, 1);
        Assert.Null(await WorryAsync(checks));
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("A write has waited for 00:00:11.", await WorryAsync(checks));
    }

    [Fact]
    public async Task A_link_that_is_lost_is_a_trouble_until_it_is_back()
    {
        var bus = new InProcessBus();
        var channel = bus.Join();
        await using var cache = new LoadingCache<int, int>(static (key, _) => new(key), new() { Name = _name, Coherence = new(channel) });
        var checks = Checks(null);
        Assert.Null(await WorryAsync(checks));
        bus.Cut(channel);
        Assert.Equal("What other processes change is not heard.", await WorryAsync(checks));
        bus.Mend(channel);
        Assert.Null(await WorryAsync(checks));
    }

    [Fact]
    public void Options_that_cannot_work_are_all_named()
    {
        var error = Assert.Throws<ArgumentException>(() => Checks(new() { HitRatioFloor = 2, LeastReads = 0, MostWriteLag = TimeSpan.Zero, MostTierWaiting = -1 }));
        foreach (string name in new[] { "HitRatioFloor is 2", "LeastReads is 0", "MostWriteLag is 00:00:00", "MostTierWaiting is -1" }) Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static HealthCheckService Checks(LarderHealthOptions? options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddHealthChecks().AddLarder(options);
        return services.BuildServiceProvider().GetRequiredService<HealthCheckService>();
    }

    // What is said of this test's cache; others may run beside it.
    private async Task<string?> WorryAsync(HealthCheckService checks)
    {
        var report = await checks.CheckHealthAsync();
        var entry = report.Entries["larder"];
        Assert.True(entry.Status is HealthStatus.Healthy or HealthStatus.Degraded);
        return entry.Data.TryGetValue(_name, out object? worry) ? (string)worry : null;
    }
}
