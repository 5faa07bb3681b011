using Larder;
using Larder.AspNetCore.Dashboard;
using Larder.AspNetCore.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Microsoft.AspNetCore.Builder;

/// <summary>What an application maps of Larder.</summary>
/// <example><code>
/// app.MapLarderMetrics();
/// app.MapLarderDashboard("/larder").RequireAuthorization("operators");
/// </code></example>
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

        /// <summary>
        /// Maps the dashboard: a page that shows live what each cache of the <see cref="CacheDirectory"/> does, looks up keys, and removes, refreshes and clears.
        /// Outside Development it must be protected by an authorization policy, or the application does not start to answer.
        /// </summary>
        /// <param name="pattern">The path of the page.</param>
        /// <param name="options">How caches are shown.</param>
        /// <returns>What further conventions are put on, such as <c>RequireAuthorization</c>.</returns>
        /// <exception cref="ArgumentException">An option is not allowed.</exception>
        /// <exception cref="InvalidOperationException">There is no <see cref="CacheDirectory"/> among the services: call <c>AddLarder</c>.</exception>
        public IEndpointConventionBuilder MapLarderDashboard(string pattern = "/larder", DashboardOptions? options = null)
        {
            ArgumentNullException.ThrowIfNull(endpoints);
            ArgumentException.ThrowIfNullOrWhiteSpace(pattern);
            options ??= new();
            if (options.Faults(nameof(options)).ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
            var caches = endpoints.ServiceProvider.GetService<CacheDirectory>()
                ?? throw new InvalidOperationException($"There is no {nameof(CacheDirectory)} among the services, so the dashboard would have nothing to show: call services.AddLarder(…), or add a {nameof(CacheDirectory)} as a singleton.");
            return DashboardEndpoints.Map(endpoints, pattern, caches, options);
        }
    }
}
