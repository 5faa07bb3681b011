using Larder;
using Larder.AspNetCore.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microsoft.AspNetCore.Builder;

/// <summary>What an application maps of Larder.</summary>
/// <example><code>app.MapLarderMetrics();</code></example>
public static class LarderEndpointExtensions
{
    extension(IEndpointRouteBuilder endpoints)
    {
        /// <summary>
        /// Shows the figures of all caches in the text format of Prometheus, or in that of OpenMetrics to who asks for it. Histograms count from now on. Say who may see it, for instance
        /// with <c>RequireHost("*:9090")</c> or <c>RequireAuthorization()</c>.
        /// </summary>
        /// <param name="pattern">Where.</param>
        /// <param name="meters">Which meters are shown beside Larder's own.</param>
        public IEndpointConventionBuilder MapLarderMetrics(string pattern = "/metrics", params IReadOnlyCollection<string> meters)
        {
            ArgumentNullException.ThrowIfNull(endpoints);
            ArgumentException.ThrowIfNullOrWhiteSpace(pattern);
            ArgumentNullException.ThrowIfNull(meters);
            var snapshot = new MeterSnapshot(meter => meter.Name == LarderTelemetry.MeterName || meters.Contains(meter.Name));
            endpoints.ServiceProvider.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(snapshot.Dispose);
            RequestDelegate show = context =>
            {
                bool isOpen = context.Request.Headers.Accept.ToString().Contains("application/openmetrics-text", StringComparison.Ordinal);
                context.Response.ContentType = isOpen ? PrometheusText.OpenType : PrometheusText.PlainType;
                return context.Response.WriteAsync(PrometheusText.Of(snapshot, isOpen), context.RequestAborted);
            };
            return endpoints.MapGet(pattern, show);
        }
    }
}
