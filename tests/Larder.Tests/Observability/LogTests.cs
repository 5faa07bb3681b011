using Larder.TestKit;
using Microsoft.Extensions.Logging;

namespace Larder.Tests.Observability;

/// <summary>What the log is told of loads, breakers and links: enough, and no more.</summary>
public sealed class LogTests : IDisposable
{
    private readonly Lines _lines = new();
    private readonly FakeClock _clock = new();

    public void Dispose() => _lines.Dispose();

    [Fact]
    public async Task Failing_loads_are_told_once_a_minute_without_key_or_message()
    {
        await using var cache = Cache(static (key, _) => throw new TimeZoneNotFoundException($"no zone for Ada {key}"), new() { Backoff = null });
        for (int minute = 0; minute < 2; minute++)
        {
            for (int key = 0; key < 100; key++) await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await cache.GetAsync(key));
            string line = await _lines.NextAsync(2001);
            Assert.Contains($"Loads of cache shop fail, with TimeZoneNotFoundException: {1 + (minute * 100)} so far.", line, StringComparison.Ordinal);
            Assert.DoesNotContain("Ada", line, StringComparison.Ordinal);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Empty(_lines.Of(2002)); // That is Debug's.
        Assert.Empty(_lines.Of(2001));
    }

    [Fact]
    public async Task Whoever_asks_for_Debug_is_told_each_with_its_exception()
    {
        _lines.Least = LogLevel.Debug;
        await using var cache = Cache(static (key, _) => throw new TimeZoneNotFoundException($"no zone for Ada {key}"), new() { Backoff = null });
        for (int key = 0; key < 2; key++)
        {
            await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await cache.GetAsync(key));
            Assert.Contains($"no zone for Ada {key}", await _lines.NextAsync(2002), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_breaker_is_told_when_it_opens_and_when_it_closes_again()
    {
        var breaker = new CircuitBreaker(new() { FailureThreshold = 1, SuccessThreshold = 1, TimeProvider = _clock });
        bool fails = true;
        var cache = Cache((_, _) => fails ? throw new TimeZoneNotFoundException() : new("x"), new() { Backoff = null, Breaker = breaker });
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await cache.GetAsync(1));
        Assert.Contains("from Closed to Open", await _lines.NextAsync(2003), StringComparison.Ordinal);
        fails = false;
        _clock.Advance(TimeSpan.FromSeconds(30));
        await cache.GetAsync(1);
        Assert.Contains("closed again", await _lines.NextAsync(2004), StringComparison.Ordinal);
        await cache.DisposeAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));
        breaker.Isolate();
        await FlushAsync();
        Assert.Empty(_lines.Of(2003));
    }

    [Fact]
    public async Task A_link_is_told_when_it_is_lost_and_when_it_is_back()
    {
        var bus = new InProcessBus();
        var channel = bus.Join();
        await using var cache = new LoadingCache<int, string>(new() { Name = "shop", Memory = new() { Logger = _lines, TimeProvider = _clock }, Coherence = new(channel) });
        for (int time = 0; time < 3; time++)
        {
            bus.Cut(channel);
            bus.Mend(channel);
        }

        Assert.Contains("not heard by cache shop", await _lines.NextAsync(2005), StringComparison.Ordinal);
        Assert.Contains("heard again by cache shop", await _lines.NextAsync(2006), StringComparison.Ordinal);
        await FlushAsync();
        Assert.Empty(_lines.Of(2005));
        Assert.Empty(_lines.Of(2006));
    }

    [Fact]
    public async Task What_cannot_be_made_bytes_is_told_ever_fewer_times_and_refused_with_its_reason()
    {
        await using var tier = new InMemoryTier(timeProvider: _clock);
        LoadingCache<int, Func<int>> Cache(bool refuses) => new(new()
        {
            Name = "shop",
            Memory = new() { Logger = _lines, TimeProvider = _clock },
            Tiers = [new(tier) { IsOwned = false }],
            Payloads = new() { Serializer = PayloadSerializer.Json<Func<int>>(), RefusesOversize = refuses },
        });
        await using LoadingCache<int, Func<int>> lenient = Cache(refuses: false), strict = Cache(refuses: true);
        for (int i = 0; i < 3; i++) await lenient.SetAsync(i, static () => 1);
        string[] told = [await _lines.NextAsync(2105), await _lines.NextAsync(2105)]; // By the pool, which keeps no order.
        foreach (string time in new[] { "1th", "2th" }) Assert.Single(told, line => line.Contains($"A value of cache shop could not be made bytes; it passes the tiers by. Said for the {time}.", StringComparison.Ordinal));
        Assert.Equal((3, 3L), (lenient.Count, lenient.TierStatistics[0].PassedBy));
        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await strict.SetAsync(1, static () => 1));
        Assert.IsType<NotSupportedException>(error.InnerException);
        Assert.False(strict.Contains(1));
        await FlushAsync();
        Assert.Single(_lines.Of(2105)); // The other's.
    }

    private LoadingCache<int, string> Cache(Func<int, CancellationToken, ValueTask<string>> load, FailureOptions failure) =>
        new(load, new() { Name = "shop", Memory = new() { Logger = _lines, TimeProvider = _clock }, Failure = failure });

    // What is to be said is said by the pool; this comes after it has been.
    private async Task FlushAsync()
    {
        await using var other = new LoadingCache<int, string>(static (_, _) => throw new TimeZoneNotFoundException(), new() { Name = "last", Memory = new() { Logger = _lines, TimeProvider = _clock } });
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await other.GetAsync(1));
        while (!(await _lines.NextAsync(2001)).Contains("cache last", StringComparison.Ordinal))
        {
        }
    }
}
