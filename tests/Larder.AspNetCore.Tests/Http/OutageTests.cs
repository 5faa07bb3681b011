using System.Net;
using Larder.TestKit;

namespace Larder.AspNetCore.Tests.Http;

/// <summary>When the server is gone, and when responses outlive the process.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task What_is_kept_is_served_while_the_server_is_gone_unless_it_must_be_validated()
    {
        await using var origin = new Origin();
        await origin.InitializeAsync();
        using var client = new Client(new() { Retention = TimeSpan.FromMinutes(10), Name = "outage", AddsCacheStatus = true });
        var (plain, _) = origin.Serve(client.Clock, "Cache-Control: max-age=60");
        var (strict, _) = origin.Serve(client.Clock, "Cache-Control: max-age=60, must-revalidate|ETag: \"a\"");
        var (promised, _) = origin.Serve(client.Clock, "Cache-Control: max-age=60, stale-if-error=86400");
        foreach (var uri in new[] { plain, strict, promised }) await client.GetAsync(uri);
        await origin.StopAsync();
        client.Clock.Advance(TimeSpan.FromMinutes(5));

        // RFC 9111 §4.2.4.
        var served = await client.GetAsync(plain);
        Assert.Equal(("1", TimeSpan.FromMinutes(5)), (served.Body, served.Age));
        Assert.Equal("\"outage\"; fwd=stale; detail=disconnected", served.Said);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(strict));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(plain, "Cache-Control: no-cache"));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new(origin.Address + "/unknown")));
        client.Clock.Advance(TimeSpan.FromMinutes(6));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(plain));
        Assert.Equal("1", (await client.GetAsync(promised)).Body);
    }

    [Fact]
    public async Task A_breaker_spares_the_server_and_stale_responses_go_on()
    {
        await using var origin = new Origin();
        await origin.InitializeAsync();
        var clock = new FakeClock();
        var breaker = new CircuitBreaker(new() { FailureThreshold = 2, TimeProvider = clock });
        using var client = new Client(new() { Breaker = breaker }, clock);
        var (uri, asked) = origin.Serve(clock, "Cache-Control: max-age=60, stale-if-error=600", "503");
        await client.GetAsync(uri);
        clock.Advance(TimeSpan.FromSeconds(61));
        for (int i = 0; i < 5; i++) Assert.Equal("1", (await client.GetAsync(uri)).Body);
        Assert.Equal(3, asked.Times);
        Assert.Equal(BreakerState.Open, breaker.State);
    }

    [Fact]
    public async Task Responses_and_what_they_vary_by_outlive_the_process_in_a_tier()
    {
        await using var origin = new Origin();
        await origin.InitializeAsync();
        var clock = new FakeClock();
        var tier = new InMemoryTier(timeProvider: clock);
        var options = new LarderHttpCacheOptions { Tiers = [new(tier) { IsOwned = false }] };
        var (plain, plainAsked) = origin.Serve(clock, "Cache-Control: max-age=60");
        var (varied, variedAsked) = origin.Serve(clock, "Cache-Control: max-age=60|Vary: X");
        var (stale, staleAsked) = origin.Serve(clock, "Cache-Control: max-age=10|ETag: \"a\"");
        using (var first = new Client(options, clock))
        {
            await first.GetAsync(plain);
            await first.GetAsync(varied, "X: 1");
            await first.GetAsync(varied, "X: 2");
            await first.GetAsync(stale);
            await Client.Until(() => first.View.Tiers[0].Waiting == 0 && tier.Count == 5);
        }

        clock.Advance(TimeSpan.FromSeconds(30));
        using var second = new Client(options, clock);
        var again = await second.GetAsync(plain);
        Assert.Equal(("1", TimeSpan.FromSeconds(30), 1), (again.Body, again.Age, plainAsked.Times));
        Assert.Equal("2", (await second.GetAsync(varied, "X: 2")).Body);
        Assert.Equal("1", (await second.GetAsync(varied, "X: 1")).Body);
        Assert.Equal(2, variedAsked.Times);
        Assert.Equal("1", (await second.GetAsync(stale)).Body);
        Assert.Equal(2, staleAsked.Times);

        // A change reaches below memory too.
        await second.AskAsync(HttpMethod.Put, varied);
        using var third = new Client(options, clock);
        Assert.Equal("3", (await third.GetAsync(varied, "X: 1")).Body);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await third.GetAsync(new(origin.Address + "/nowhere"), "Cache-Control: only-if-cached")).Status);
        Assert.Equal("1", (await third.GetAsync(plain, "Cache-Control: only-if-cached")).Body);
    }
}
