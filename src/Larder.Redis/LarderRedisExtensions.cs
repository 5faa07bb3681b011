using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Larder;

/// <summary>Puts a Redis tier below a cache that a container has, and keeps it in step with those of other processes.</summary>
/// <example><code>
/// builder.Services.AddLarder(larder => larder
///     .UseRedis("localhost:6379")
///     .AddCache&lt;string, User&gt;("users", cache => cache.Load&lt;UserLoader&gt;().OnRedis(oneLoadPerCluster: true)));
/// </code></example>
public static class LarderRedisExtensions
{
    extension(LarderBuilder larder)
    {
        /// <summary>Says where the server is, or a cluster or sentinels (see <see cref="RedisOptions.Parse"/>). One link to each server serves all caches; it is made in the background, and a server that is away holds up nobody.</summary>
        /// <exception cref="FormatException">The connection string is not understood.</exception>
        public LarderBuilder UseRedis(string connectionString)
        {
            ArgumentNullException.ThrowIfNull(larder);
            var options = RedisOptions.Parse(connectionString);
            larder.Services.TryAddSingleton(services => new RedisClient(
                options with { Logger = services.GetService<ILoggerFactory>()?.CreateLogger("Larder.Redis") }, services.GetService<TimeProvider>()));
            return larder;
        }
    }

    extension<TKey, TValue>(CacheBuilder<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>Keeps values on the server, hears what other processes change there, and, if asked to, has one of all processes load a key.</summary>
        /// <param name="lifetime">How long; null for as long as in memory.</param>
        /// <param name="oneLoadPerCluster">Whether loads take a lease.</param>
        public CacheBuilder<TKey, TValue> OnRedis(Lifetime? lifetime = null, bool oneLoadPerCluster = false)
        {
            ArgumentNullException.ThrowIfNull(cache);
            return cache
                .Tier(services => new(new RedisTier(services.GetRequiredService<RedisClient>(), cache.Name)) { Lifetime = lifetime })
                .With((services, options) =>
                {
                    var client = services.GetRequiredService<RedisClient>();
                    return options with { Coherence = new(new TrackingChannel(client, cache.Name)) { Leases = oneLoadPerCluster ? new RedisLeases(client, cache.Name) : null } };
                });
        }
    }
}
