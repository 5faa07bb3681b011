using Larder;
using Larder.AspNetCore.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the caches to an application's health checks.</summary>
/// <example><code>builder.Services.AddHealthChecks().AddLarder();</code></example>
public static class LarderHealthExtensions
{
    extension(IHealthChecksBuilder checks)
    {
        /// <summary>
        /// Reports degraded while a breaker of a source or a tier is open, the link to other processes is lost, writes wait too long for their source, or a hit ratio is too low.
        /// </summary>
        /// <exception cref="ArgumentException">An option is not allowed.</exception>
        public IHealthChecksBuilder AddLarder(LarderHealthOptions? options = null, string name = "larder", params IEnumerable<string> tags)
        {
            ArgumentNullException.ThrowIfNull(checks);
            options ??= new();
            if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
            return checks.Add(new HealthCheckRegistration(name, new LarderHealthCheck(options), HealthStatus.Degraded, tags));
        }
    }
}
