using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Larder.AspNetCore.Tests;

/// <summary>A real Prometheus that scrapes one address, ten times a second.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly string _folder;
    private readonly Process _process;
    private readonly int _port;

    private PrometheusServer(string folder, int port, Process process) => (_folder, _port, _process) = (folder, port, process);

    public static async Task<PrometheusServer> StartAsync(Uri target)
    {
        string program = PrometheusTools.PathOf("prometheus"), folder = Directory.CreateTempSubdirectory("larder-prometheus-").FullName;
        int port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), $$"""
            global: { scrape_interval: 100ms }
            rule_files: [{{PrometheusTools.FileOf("docs/operate/alerts.yml")}}]
            scrape_configs:
              - job_name: shop
                static_configs: [{ targets: ['{{target.Authority}}'] }]
            """);
        var start = new ProcessStartInfo(program, [$"--config.file={folder}/prometheus.yml", $"--storage.tsdb.path={folder}/data", $"--web.listen-address=127.0.0.1:{port}"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return new(folder, port, process);
    }

    /// <summary>Asks until there is an answer on the cache that will do.</summary>
    public async Task<double> AskAsync(string query, string cache, Predicate<double> suffices)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        double? last = null;
        try
        {
            while (true)
            {
                if (await TryAskAsync(query, cache, patience.Token) is { } answer && suffices((last = answer).Value)) return answer;
                await Task.Delay(50, patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The last answer to {query} was {last?.ToString(CultureInfo.InvariantCulture) ?? "none"}.");
            throw;
        }
    }

    /// <summary>The first answer on the cache to a query, which must be understood; null if there is none yet.</summary>
    public async Task<double?> TryAskAsync(string query, string cache, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync($"http://127.0.0.1:{_port}/api/v1/query?query={Uri.EscapeDataString(query)}", cancellationToken);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return null; // It is starting.
            string text = await answer.Content.ReadAsStringAsync(cancellationToken);
            Assert.True(answer.IsSuccessStatusCode, $"{query}: {text}");
            using var json = JsonDocument.Parse(text);
            foreach (var one in json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
            {
                if (one.GetProperty("metric").TryGetProperty("larder_cache", out var name) && name.GetString() == cache)
                    return double.Parse(one.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
            }

            return null;
        }
        catch (HttpRequestException)
        {
            return null; // It has not started yet.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
