using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Larder.AspNetCore.Tests;

/// <summary>The page of figures of a real application, held to Prometheus's own tools.</summary>
public sealed class MetricsTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;
    private string _address = "";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddLarder(static larder => larder.AddCache<int, string>("odd \"name\"\\", static cache => cache.Capacity(10).Load(static (key, _) => new($"{key}")).Tier(static _ => new(new InMemoryTier()))));
        _app = builder.Build();
        _app.MapLarderMetrics();
        await _app.StartAsync();
        _address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var cache = _app.Services.GetRequiredService<ILoadingCache<int, string>>();
        for (int i = 0; i < 40; i++) await cache.GetAsync(i % 20);
        for (int i = 0; i < 10; i++) await cache.GetAsync(19);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public async Task The_page_passes_promtools_check()
    {
        string text = await _http.GetStringAsync($"{_address}/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("larder_cache_requests_total{larder_cache=\"odd \\\"name\\\"\\\\\",larder_status=\"hit\"} ", text, StringComparison.Ordinal);
        Assert.Contains("larder_cache_load_duration_seconds_bucket{", text, StringComparison.Ordinal);
        var start = new ProcessStartInfo(Tool("promtool"), ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var promtool = Process.Start(start)!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        string said = await promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(promtool.ExitCode == 0, said);
    }

    [Fact]
    public async Task Who_asks_for_OpenMetrics_gets_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_address}/metrics");
        request.Headers.Accept.ParseAdd("application/openmetrics-text;version=1.0.0");
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("application/openmetrics-text", response.Content.Headers.ContentType!.MediaType);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE larder_cache_requests counter", text, StringComparison.Ordinal);
        Assert.Contains("# UNIT larder_cache_load_duration_seconds seconds", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_Prometheus_scrapes_it_and_answers_the_three_questions()
    {
        string folder = Directory.CreateTempSubdirectory("larder-prometheus-").FullName;
        int port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), $"""
            global: {"{"} scrape_interval: 100ms {"}"}
            scrape_configs:
              - job_name: shop
                static_configs: [{"{"} targets: ['{new Uri(_address).Authority}'] {"}"}]
            """, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo(Tool("prometheus"), [$"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var prometheus = Process.Start(start)!;
        _ = prometheus.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            string hits = "sum(larder_cache_requests_total{larder_status=~\"hit|stale|absent\"}) / sum(larder_cache_requests_total)";
            Assert.InRange(await AskAsync(port, hits), 0.1, 0.9);
            Assert.True(await AskAsync(port, "sum(larder_cache_removals_total{larder_cause=\"evicted\"})") >= 10);
            Assert.InRange(await AskAsync(port, "max(larder_cache_size / larder_cache_capacity)"), 0.5, 1);
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    // Asks until there is an answer.
    private async Task<double> AskAsync(int port, string query)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                using var answer = JsonDocument.Parse(await _http.GetStringAsync($"http://127.0.0.1:{port}/api/v1/query?query={Uri.EscapeDataString(query)}", patience.Token));
                if (answer.RootElement.GetProperty("data").GetProperty("result") is { } result && result.GetArrayLength() > 0)
                    return double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
            }
            catch (HttpRequestException)
            {
                // It has not started yet.
            }

            await Task.Delay(50, patience.Token);
        }
    }

    // Skips the test where it is missing, unless this is CI, where that is a failure.
    private static string Tool(string name)
    {
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (found is null && Environment.GetEnvironmentVariable("CI") is null) Assert.Skip($"{name} is not installed: apt-get install prometheus");
        return found ?? throw new InvalidOperationException($"{name} is not installed.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
