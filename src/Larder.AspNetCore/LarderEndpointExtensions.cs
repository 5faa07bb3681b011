using Larder;
using Larder.AspNetCore.Dashboard;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Larder's endpoints.</summary>
/// <example><code>app.MapLarderDashboard("/larder").RequireAuthorization("operators");</code></example>
public static class LarderEndpointExtensions
{
    extension(IEndpointRouteBuilder endpoints)
    {
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
