using Larder;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts Larder behind Microsoft's cache abstractions: one line in place of another.</summary>
/// <remarks>Each takes the place of what was registered for the abstraction before. The clock and the loggers are the container's, unless the options have their own.</remarks>
/// <example><code>
/// services.AddLarderMemoryCache();             // in place of AddMemoryCache
/// services.AddLarderDistributedCache();        // in place of AddDistributedMemoryCache
/// services.AddLarderHybridCache();             // in place of AddHybridCache
/// </code></example>
public static class LarderFaceExtensions
{
    extension(IServiceCollection services)
    {
        /// <summary>Larder as the <see cref="IMemoryCache"/>. See <see cref="LarderMemoryCache"/>.</summary>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        public IServiceCollection AddLarderMemoryCache(Func<LarderMemoryCacheOptions, LarderMemoryCacheOptions>? configure = null) =>
            services.AddLarderMemoryCache((_, options) => configure is null ? options : configure(options));

        /// <summary>Larder as the <see cref="IMemoryCache"/>, with options by what the container has.</summary>
        public IServiceCollection AddLarderMemoryCache(Func<IServiceProvider, LarderMemoryCacheOptions, LarderMemoryCacheOptions> configure)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentNullException.ThrowIfNull(configure);
            return Face<IMemoryCache, LarderMemoryCache>(services, provider =>
            {
                var options = configure(provider, new() { TimeProvider = ClockOf(provider) });
                var cache = new LarderMemoryCache(options with { Logger = LoggerOf(provider, options.Logger, options.Name) });
                provider.GetRequiredService<CacheDirectory>().Add(cache.View);
                return cache;
            });
        }

        /// <summary>Larder as the <see cref="IDistributedCache"/>, which is an <see cref="IBufferDistributedCache"/> too. See <see cref="LarderDistributedCache"/>.</summary>
        /// <param name="configure">Changes the options; null for the defaults: in memory alone.</param>
        public IServiceCollection AddLarderDistributedCache(Func<LarderDistributedCacheOptions, LarderDistributedCacheOptions>? configure = null) =>
            services.AddLarderDistributedCache((_, options) => configure is null ? options : configure(options));

        /// <summary>Larder as the <see cref="IDistributedCache"/>, with options by what the container has.</summary>
        public IServiceCollection AddLarderDistributedCache(Func<IServiceProvider, LarderDistributedCacheOptions, LarderDistributedCacheOptions> configure)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentNullException.ThrowIfNull(configure);
            return Face<IDistributedCache, LarderDistributedCache>(services, provider =>
            {
                var options = configure(provider, new() { TimeProvider = ClockOf(provider) });
                var cache = new LarderDistributedCache(options with { Logger = LoggerOf(provider, options.Logger, options.Name) });
                provider.GetRequiredService<CacheDirectory>().Add(CacheView.Of(cache.Cache));
                return cache;
            });
        }

        /// <summary>Larder as the <see cref="HybridCache"/>. See <see cref="LarderHybridCache"/>. The container's <see cref="IDistributedCache"/> is its tier, if there are no others and that is not in memory.</summary>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        public LarderHybridCacheBuilder AddLarderHybridCache(Func<LarderHybridCacheOptions, LarderHybridCacheOptions>? configure = null) =>
            services.AddLarderHybridCache((_, options) => configure is null ? options : configure(options));

        /// <summary>Larder as the <see cref="HybridCache"/>, with options by what the container has.</summary>
        public LarderHybridCacheBuilder AddLarderHybridCache(Func<IServiceProvider, LarderHybridCacheOptions, LarderHybridCacheOptions> configure) => services.AddKeyedLarderHybridCache(null, configure);

        /// <summary>Larder as one of several <see cref="HybridCache"/>s, each of which a constructor names by <c>[FromKeyedServices(…)]</c>. Each has its own memory, and its own entries in tiers.</summary>
        /// <param name="serviceKey">The key of the service; null for the cache that has none. The cache is called "hybrid:" and this, unless the options have another name.</param>
        /// <param name="configure">Changes the options; null for the defaults.</param>
        /// <example><code>services.AddKeyedLarderHybridCache("pages", o => o with { DistributedCacheServiceKey = "disk" });</code></example>
        public LarderHybridCacheBuilder AddKeyedLarderHybridCache(object? serviceKey, Func<LarderHybridCacheOptions, LarderHybridCacheOptions>? configure = null) =>
            services.AddKeyedLarderHybridCache(serviceKey, (_, options) => configure is null ? options : configure(options));

        /// <summary>As the other, with options by what the container has.</summary>
        public LarderHybridCacheBuilder AddKeyedLarderHybridCache(object? serviceKey, Func<IServiceProvider, LarderHybridCacheOptions, LarderHybridCacheOptions> configure)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentNullException.ThrowIfNull(configure);
            services.TryAddSingleton(TimeProvider.System); // Who asks for a clock has one, as with AddHybridCache.
            return new(Face<HybridCache, LarderHybridCache>(services, provider =>
            {
                var options = new LarderHybridCacheOptions { TimeProvider = ClockOf(provider) };
                options = configure(provider, serviceKey is null ? options : options with { Name = $"{options.Name}:{serviceKey}" });
                if (options.Tiers is { Count: 0 } && Elsewhere(provider, options.DistributedCacheServiceKey) is { } distributed) options = options with { Tiers = [new TierOptions(new DistributedCacheTier(distributed, options.Name) { TimeProvider = options.TimeProvider })] };
                var cache = new LarderHybridCache(options with { Logger = LoggerOf(provider, options.Logger, options.Name) }, provider);
                provider.GetRequiredService<CacheDirectory>().Add(CacheView.Of(cache.Cache));
                return cache;
            }, serviceKey));
        }
    }

    // What Microsoft's would take for its second level: not what is in this process's memory anyway.
    private static IDistributedCache? Elsewhere(IServiceProvider provider, object? serviceKey) =>
        (serviceKey is null ? provider.GetService<IDistributedCache>() : provider.GetRequiredKeyedService<IDistributedCache>(serviceKey)) is { } cache and not LarderDistributedCache { HasTiers: false }
        && cache.GetType().FullName != "Microsoft.Extensions.Caching.Distributed.MemoryDistributedCache" ? cache : null;

    private static IServiceCollection Face<TService, TCache>(IServiceCollection services, Func<IServiceProvider, TCache> build, object? serviceKey = null) where TService : class where TCache : class, TService
    {
        services.TryAddSingleton<CacheDirectory>();
        services.RemoveAllKeyed<TCache>(serviceKey);
        services.AddKeyedSingleton(serviceKey, (provider, _) => build(provider));
        services.RemoveAllKeyed<TService>(serviceKey);
        return services.AddKeyedSingleton<TService>(serviceKey, (provider, _) => serviceKey is null ? provider.GetRequiredService<TCache>() : provider.GetRequiredKeyedService<TCache>(serviceKey));
    }

    private static TimeProvider ClockOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ILogger LoggerOf(IServiceProvider provider, ILogger given, string name) =>
        ReferenceEquals(given, NullLogger.Instance) && provider.GetService<ILoggerFactory>() is { } loggers ? loggers.CreateLogger($"Larder.{name}") : given;
}
