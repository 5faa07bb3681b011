using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Larder.AspNetCore.Tests;

public sealed class HealthTests
{
    private readonly string _name = $"health {Guid.NewGuid()}";

    [Fact]
    public async Task A_new_cache_is_healthy_and_each_trouble_makes_it_degraded_by_name()
    {
        var breaker = new CircuitBreaker();
        await using var cache = new LoadingCache<int, int>(static (key, _) => new(key), new() { Name = _name, Memory = new() { Capacity = 10 }, Failure = new() { Breaker = breaker } });
        var checks = Checks(new() { HitRatioFloor = 0.5, LeastReads = 100 });
        await cache.GetAsync(1);
        Assert.Null(await WorryAsync(checks));
        breaker.Isolate();
        Assert.Contains("Isolated", await WorryAsync(checks), StringComparison.Ordinal);
        breaker.Reset();
        Assert.Null(await WorryAsync(checks));
        for (int i = 0; i < 200; i++) await cache.GetAsync(i);
        Assert.Contains("hit ratio", await WorryAsync(checks), StringComparison.Ordinal);
        for (int i = 0; i < 200; i++) await cache.GetAsync(1);
        Assert.Null(await WorryAsync(checks));
    }

    [Fact]
    public async Task A_link_that_is_lost_is_a_trouble()
    {
        var bus = new InProcessBus();
        var channel = bus.Join();
        await using var cache = new LoadingCache<int, int>(static (key, _) => new(key), new() { Name = _name, Coherence = new(channel) });
        var checks = Checks(null);
        Assert.Null(await WorryAsync(checks));
        bus.Cut(channel);
        Assert.Contains("not heard", await WorryAsync(checks), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_cannot_work_are_all_named()
    {
        var error = Assert.Throws<ArgumentException>(() => Checks(new() { HitRatioFloor = 2, LeastReads = 0, MostWriteLag = TimeSpan.Zero }));
        foreach (string name in new[] { "HitRatioFloor is 2", "LeastReads is 0", "MostWriteLag is 00:00:00" }) Assert.Contains(name, error.Message, StringComparison.Ordinal);
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
