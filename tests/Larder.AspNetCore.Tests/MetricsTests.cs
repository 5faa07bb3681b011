using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Larder.AspNetCore.Tests;

/// <summary>The page of figures of a real application, held to Prometheus's own programs; and what the documentation has for those who look at it.</summary>
public sealed class MetricsTests : IAsyncLifetime
{
    private const string Name = "odd \"name\"\\";

    private readonly HttpClient _http = new();
    private WebApplication _app = null!;
    private Uri _address = null!;
    private LoadingCache<int, string> _cache = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddLarder(static larder => larder.AddCache<int, string>(Name, static cache => cache
            .Capacity(10)
            .Load(static (key, _) => new($"{key}"))
            .Tier(static _ => new(new InMemoryTier()))
            .Configure(static options => options with
            {
                Failure = new() { Breaker = new() },
                Writing = new(Writer.For<int, string>(static (_, _) => default)) { Behind = new() },
                Coherence = new(new InProcessBus().Join()),
            })));
        _app = builder.Build();
        _app.MapLarderMetrics();
        await _app.StartAsync();
        _address = new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _cache = _app.Services.GetRequiredService<LoadingCache<int, string>>();
        await ReadAsync(rounds: 10);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public async Task The_page_passes_promtools_check()
    {
        string text = await PageAsync();
        Assert.Contains($"larder_cache_requests_total{{larder_cache=\"odd \\\"name\\\"\\\\\",larder_status=\"hit\"}} {_cache.Statistics.Hits}\n", text, StringComparison.Ordinal);
        Assert.Contains("larder_cache_load_duration_seconds_bucket{", text, StringComparison.Ordinal);
        Assert.Contains("larder_tier_operation_duration_seconds_count{", text, StringComparison.Ordinal);
        await PrometheusTools.CheckAsync(text, "check", "metrics");
    }

    [Fact]
    public async Task Who_asks_for_OpenMetrics_gets_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_address, "/metrics"));
        request.Headers.Accept.ParseAdd("application/openmetrics-text;version=1.0.0");
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/openmetrics-text", response.Content.Headers.ContentType!.MediaType);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE larder_cache_requests counter", text, StringComparison.Ordinal);
        Assert.Contains("# UNIT larder_cache_load_duration_seconds seconds", text, StringComparison.Ordinal);
        Assert.Contains("le=\"1.0\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_Prometheus_scrapes_it_and_answers_the_three_questions_of_the_documentation()
    {
        await using var prometheus = await PrometheusServer.StartAsync(_address);
        await prometheus.AskAsync("larder_cache_capacity", Name, static answer => answer == 10);
        var before = _cache.Statistics;
        await ReadAsync(rounds: 100); // While it looks, so that there is something between two looks.
        var done = _cache.Statistics;

        // The figures as they are; then as the documentation asks for them, per second and by Prometheus's own way of counting on from the ends of the stretch.
        const string Hits = "sum by (larder_cache) (larder_cache_requests_total{larder_status=~\"hit|stale|absent\"})";
        Assert.Equal(done.HitRatio, await prometheus.AskAsync($"{Hits} / sum by (larder_cache) (larder_cache_requests_total)", Name, answer => Math.Abs(answer - done.HitRatio) < 1e-9), 9);
        Assert.Equal(done.Evictions, await prometheus.AskAsync("larder_cache_removals_total{larder_cause=\"evicted\"}", Name, answer => answer == done.Evictions));
        var questions = Questions();
        double ratio = (done - before).HitRatio;
        await prometheus.AskAsync(questions["hit ratio"], Name, answer => Math.Abs(answer - ratio) < 0.02);
        await prometheus.AskAsync(questions["eviction rate"], Name, static answer => answer > 0);
        Assert.Equal(_cache.Weight / 10d, await prometheus.AskAsync(questions["size against capacity"], Name, answer => answer == _cache.Weight / 10d));

        foreach (string query in DashboardQueries()) await prometheus.TryAskAsync(query.Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$cache", ".*", StringComparison.Ordinal), Name, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_alert_rules_are_valid_and_pass_their_tests()
    {
        await PrometheusTools.CheckAsync("", "check", "rules", PrometheusTools.FileOf("docs/operate/alerts.yml"));
        await PrometheusTools.CheckAsync("", "test", "rules", PrometheusTools.FileOf("docs/operate/alerts.test.yml"));
    }

    [Fact]
    public async Task What_the_dashboard_and_the_alerts_ask_for_is_on_the_page()
    {
        string page = await PageAsync();
        var names = Regex.Matches(page, "^(larder_[a-z_]+)", RegexOptions.Multiline).Select(static match => match.Value).ToHashSet(StringComparer.Ordinal);
        string[] asked = [.. DashboardQueries(), .. Regex.Matches(await File.ReadAllTextAsync(PrometheusTools.FileOf("docs/operate/alerts.yml"), TestContext.Current.CancellationToken), "expr:.*?for:", RegexOptions.Singleline).Select(static match => match.Value), .. Questions().Values];
        var missing = asked.SelectMany(static query => Regex.Matches(query, "larder_[a-z_]+(?=[{ )[])").Select(static match => match.Value)).Except(["larder_cache", "larder_status", "larder_cause", "larder_tier", "larder_operation"]).Except(names).Where(static name => !name.StartsWith("larder_redis_", StringComparison.Ordinal));
        Assert.Empty(missing);
        Assert.True(asked.Length > 30);
    }

    // Each key four times in a row, and more keys than there is room for.
    private async Task ReadAsync(int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int read = 0; read < 80; read++) await _cache.GetAsync(read / 4);
        }
    }

    private Task<string> PageAsync() => _http.GetStringAsync(new Uri(_address, "/metrics"), TestContext.Current.CancellationToken);

    private static List<string> DashboardQueries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(PrometheusTools.FileOf("docs/operate/grafana.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(static panel => panel.GetProperty("targets").EnumerateArray()).Select(static target => target.GetProperty("expr").GetString()!)];
    }

    // Of the page's table, in which a bar within a query is written \|.
    private static Dictionary<string, string> Questions() =>
        Regex.Matches(File.ReadAllText(PrometheusTools.FileOf("docs/operate/metrics.md")), @"^\| ([^|`]+) \| `(.*larder_.*)` \|$", RegexOptions.Multiline)
            .ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value.Replace("\\|", "|", StringComparison.Ordinal));
}
