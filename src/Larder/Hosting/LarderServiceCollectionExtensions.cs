using Larder;
using Larder.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts caches into a container.</summary>
/// <example><code>
/// builder.Services.AddLarder(larder => larder
///     .AddCache&lt;string, User&gt;("users", cache => cache
///         .Capacity(100_000)
///         .Lifetime(fresh: TimeSpan.FromMinutes(5), stale: TimeSpan.FromHours(1), fallback: TimeSpan.FromDays(1))
///         .Load&lt;UserLoader&gt;()));
///
/// app.MapGet("/users/{id}", (string id, ILoadingCache&lt;string, User&gt; users, CancellationToken cancel) => users.GetAsync(id, cancel));
/// </code></example>
public static class LarderServiceCollectionExtensions
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Adds the caches that are described. Each is injected as <see cref="LoadingCache{TKey, TValue}"/> and <see cref="ILoadingCache{TKey, TValue}"/>, keyed by its name, and
        /// without a key where it is the only one of its types. A host opens them all before it starts, and closes them in order when it has stopped.
        /// </summary>
        /// <exception cref="ArgumentException">A name is taken, or empty.</exception>
        public IServiceCollection AddLarder(Action<LarderBuilder> describe)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentNullException.ThrowIfNull(describe);
            var registrations = services.FirstOrDefault(static service => service.ServiceType == typeof(CacheRegistrations))?.ImplementationInstance as CacheRegistrations;
            if (registrations is null)
            {
                registrations = new();
                services.AddSingleton(registrations);
                services.TryAddSingleton<CacheDirectory>();
                services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, LarderLifetime>());
            }

            describe(new LarderBuilder(services, registrations));
            return services;
        }
    }
}
