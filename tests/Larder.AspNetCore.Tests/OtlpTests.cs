using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Larder.AspNetCore.Tests;

/// <summary>What OpenTelemetry's own packages send of a cache to a collector, which here is a server that keeps what it is sent.</summary>
public sealed class OtlpTests : IAsyncLifetime
{
    private readonly string _name = $"sent {Guid.NewGuid()}";
    private readonly MemoryStream _sent = new();
    private WebApplication _collector = null!;
    private Uri _address = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _collector = builder.Build();
        _collector.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            lock (_sent) body.WriteTo(_sent);
        });
        await _collector.StartAsync();
        _address = new(_collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        await _collector.DisposeAsync();
        await _sent.DisposeAsync();
    }

    [Fact]
    public async Task Metrics_and_traces_reach_a_collector()
    {
        using (var metrics = Sdk.CreateMeterProviderBuilder().AddMeter(LarderTelemetry.MeterName).AddOtlpExporter(to => Send(to, "metrics")).Build())
        using (var traces = Sdk.CreateTracerProviderBuilder().AddSource(LarderTelemetry.ActivitySourceName).AddOtlpExporter(to => Send(to, "traces")).Build())
        {
            await using var cache = new LoadingCache<int, string>(static (_, _) => new("x"), new() { Name = _name });
            await cache.GetAsync(1);
            await cache.GetAsync(1);
            Assert.True(metrics.ForceFlush());
            Assert.True(traces.ForceFlush());
        }

        string sent;
        lock (_sent) sent = Encoding.Latin1.GetString(_sent.ToArray()); // Protocol buffers, in which texts stand as they are.
        foreach (string part in new[] { _name, "larder.cache.requests", "larder.cache.load.duration", "larder.load", "larder.status" })
            Assert.Contains(part, sent, StringComparison.Ordinal);
    }

    private void Send(OtlpExporterOptions options, string signal) => (options.Endpoint, options.Protocol) = (new Uri(_address, $"/v1/{signal}"), OtlpExportProtocol.HttpProtobuf);
}
