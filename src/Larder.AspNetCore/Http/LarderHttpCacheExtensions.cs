using Larder;
using Larder.AspNetCore.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives the HTTP clients of a container a cache.</summary>
/// <example><code>
/// builder.Services.AddHttpClient("catalogue", http =&gt; http.BaseAddress = new("https://catalogue.example"))
///     .AddLarderHttpCache(new() { StaleIfError = TimeSpan.FromHours(1) });
/// </code></example>
public static class LarderHttpCacheExtensions
{
    extension(IHttpClientBuilder builder)
    {
        /// <summary>
        /// Keeps what servers answer to this client, as RFC 9111 lets a private cache. Handlers added before it see every request, those added after it only what goes to the server.
        /// The cache is one of those of <c>AddLarder</c>, called like the client: it is opened and closed with the host, measured, and on the dashboard.
        /// </summary>
        /// <param name="options">How.</param>
        /// <param name="with">Adds to the options what the container has, such as tiers. What is not allowed then is said when the host starts.</param>
        /// <exception cref="ArgumentException">An option is not allowed, or there is a cache of this name.</exception>
        public IHttpClientBuilder AddLarderHttpCache(LarderHttpCacheOptions? options = null, Func<IServiceProvider, LarderHttpCacheOptions, LarderHttpCacheOptions>? with = null)
        {
            ArgumentNullException.ThrowIfNull(builder);
            var given = options ?? new();
            given.ThrowIfFaulty();
            string name = given.Name ?? (builder.Name.Length == 0 ? "http" : builder.Name);
            builder.Services.AddKeyedSingleton(name, (services, _) =>
            {
                var whole = with?.Invoke(services, given) ?? given;
                whole.ThrowIfFaulty();
                return whole with { Name = name };
            });
            builder.Services.AddLarder(larder => larder.AddCache<string, HttpEntry>(name, cache => cache
                .With((services, around) => ResponseStore.OptionsOf(services.GetRequiredKeyedService<LarderHttpCacheOptions>(name), around))));
            builder.Services.AddKeyedSingleton<ResponseStore>(name, static (services, key) => new(services.GetRequiredKeyedService<LoadingCache<string, HttpEntry>>(key), services.GetRequiredKeyedService<LarderHttpCacheOptions>(key)));
            return builder.AddHttpMessageHandler(services => new LarderHttpCache(services.GetRequiredKeyedService<ResponseStore>(name)));
        }
    }
}
