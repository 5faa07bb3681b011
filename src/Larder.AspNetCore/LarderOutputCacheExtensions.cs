using Larder;
using Larder.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Has ASP.NET Core's output cache keep its responses in Larder.</summary>
/// <example><code>
/// builder.Services.AddLarder(larder => larder.UseRedis("localhost:6379"));
/// builder.Services.AddLarderOutputCache(cache => cache.OnRedis());
/// …
/// app.UseOutputCache();
/// app.MapGet("/catalogue", Catalogue).CacheOutput(policy => policy.Expire(TimeSpan.FromMinutes(5)).Tag("catalogue"));
/// </code></example>
public static class LarderOutputCacheExtensions
{
    // What an entry takes beside its key and its bytes, roughly.
    private const int Overhead = 256;

    extension(IServiceCollection services)
    {
        /// <summary>
        /// Adds ASP.NET Core's output cache, if it is not there yet, over a cache of Larder's. That holds <see cref="OutputCacheOptions.SizeLimit"/> bytes, keys included, and nothing outlives what the
        /// policies say.
        /// </summary>
        /// <param name="describe">Describes the cache further: its tiers, coherence, eviction. Its loaders are not asked.</param>
        /// <param name="name">What the cache is called.</param>
        /// <exception cref="ArgumentException">The name is taken, or empty.</exception>
        public IServiceCollection AddLarderOutputCache(Action<CacheBuilder<string, byte[]>>? describe = null, string name = "output")
        {
            ArgumentNullException.ThrowIfNull(services);
            services.AddOutputCache();
            services.AddLarder(larder => larder.AddCache<string, byte[]>(name, cache =>
            {
                cache.With(static (services, options) => options with
                {
                    Memory = options.Memory with
                    {
                        Capacity = services.GetRequiredService<IOptions<OutputCacheOptions>>().Value.SizeLimit,
                        Weigher = static (key, value) => (2L * key.Length) + value.Length + Overhead,
                    },
                    Payloads = options.Payloads with { MaxKeyLength = 8192 },
                });
                describe?.Invoke(cache);
            }));
            services.Replace(ServiceDescriptor.Singleton<IOutputCacheStore>(services => new LarderOutputCacheStore(
                services.GetRequiredKeyedService<LoadingCache<string, byte[]>>(name), services.GetRequiredService<ILogger<LarderOutputCacheStore>>())));
            return services;
        }
    }
}
