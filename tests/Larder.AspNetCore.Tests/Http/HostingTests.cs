using Larder.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Larder.AspNetCore.Tests.Http;

/// <summary>Clients from a container.</summary>
public sealed class HostingTests(Origin origin) : IClassFixture<Origin>
{
    [Fact]
    public async Task The_cache_of_a_client_outlives_its_handlers_and_is_among_the_others()
    {
        var clock = new FakeClock();
        var (uri, asked) = origin.Serve(clock, "Cache-Control: max-age=60");
        string name = $"catalogue {Guid.NewGuid()}";
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddHttpClient(name, http => http.BaseAddress = uri).AddLarderHttpCache(new() { Capacity = 1 << 20 });
        builder.Services.AddHttpClient("other").AddLarderHttpCache(with: static (services, options) => options with { Tiers = [new(new InMemoryTier(timeProvider: services.GetRequiredService<TimeProvider>()))] });
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var directory = host.Services.GetRequiredService<CacheDirectory>();
        Assert.Equal([name, "other"], directory.All.Select(static view => view.Name));
        var clients = host.Services.GetRequiredService<IHttpClientFactory>();
        for (int i = 0; i < 2; i++)
        {
            using var client = clients.CreateClient(name);
            Assert.Equal("1", await client.GetStringAsync(uri, TestContext.Current.CancellationToken));
        }

        // The factory's handlers live for two minutes; this is what it makes then.
        var renewed = host.Services.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>().Get(name);
        var pipeline = new Pipeline(host.Services);
        foreach (var action in renewed.HttpMessageHandlerBuilderActions) action(pipeline);
        using (var client = new HttpClient(pipeline.Build())) Assert.Equal("1", await client.GetStringAsync(uri, TestContext.Current.CancellationToken));
        Assert.Equal(1, asked.Times);
        var view = directory.Find(name)!;
        Assert.Equal((2, 1, 1 << 20), (view.Statistics.Hits, view.Statistics.Misses, view.Capacity));
        var found = await view.LookUpAsync(uri.ToString(), withValue: true, TestContext.Current.CancellationToken);
        Assert.StartsWith("200 OK, no type, 1 bytes", found.Value!.ToString(), StringComparison.Ordinal);
        await view.RemoveAsync(uri.ToString(), TestContext.Current.CancellationToken);
        using var again = clients.CreateClient(name);
        Assert.Equal("2", await again.GetStringAsync(uri, TestContext.Current.CancellationToken));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Options_that_cannot_work_are_all_named()
    {
        var wrong = new LarderHttpCacheOptions
        {
            Name = " ",
            Capacity = 0,
            MaxBody = -1,
            HeuristicLimit = TimeSpan.FromTicks(-1),
            StaleWhileRevalidate = TimeSpan.FromTicks(-1),
            StaleIfError = TimeSpan.FromDays(4000),
            Retention = TimeSpan.FromTicks(-1),
            Tiers = [null!],
        };
        string[] named = ["Name is ' '", "Capacity is 0", "MaxBody is -1", "HeuristicLimit is -", "StaleWhileRevalidate is -", "StaleIfError is 4000", "Retention is -", "Tiers[0] is null"];
        foreach (var build in new Action[] { () => new ServiceCollection().AddHttpClient("x").AddLarderHttpCache(wrong), () => _ = new LarderHttpCache(wrong) })
        {
            var error = Assert.Throws<ArgumentException>(build);
            foreach (string part in named) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Options_from_the_container_that_cannot_work_keep_the_host_from_starting()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHttpClient("x").AddLarderHttpCache(with: static (_, options) => options with { Capacity = 0 });
        using var host = builder.Build();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Capacity is 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_blocks_is_refused_clearly()
    {
        using var client = new Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("http://stub/"));
        var error = Assert.Throws<NotSupportedException>(() => client.Http.Send(request, TestContext.Current.CancellationToken));
        Assert.Contains("SendAsync", error.Message, StringComparison.Ordinal);
    }

    private sealed class Pipeline(IServiceProvider services) : HttpMessageHandlerBuilder
    {
        public override string? Name { get; set; }

        public override HttpMessageHandler PrimaryHandler { get; set; } = new SocketsHttpHandler();

        public override IList<DelegatingHandler> AdditionalHandlers { get; } = [];

        public override IServiceProvider Services => services;

        public override HttpMessageHandler Build() => CreateHandlerPipeline(PrimaryHandler, AdditionalHandlers);
    }
}
