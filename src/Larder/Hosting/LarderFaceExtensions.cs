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
        public LarderHybridCacheBuilder AddLarderHybridCache(Func<IServiceProvider, LarderHybridCacheOptions, LarderHybridCacheOptions> configure)
        {
            ArgumentNullException.ThrowIfNull(services);
            ArgumentNullException.ThrowIfNull(configure);
            return new(Face<HybridCache, LarderHybridCache>(services, provider =>
            {
                var options = configure(provider, new() { TimeProvider = ClockOf(provider) });
                if (options.Tiers is { Count: 0 } && Elsewhere(provider) is { } distributed) options = options with { Tiers = [new TierOptions(new DistributedCacheTier(distributed, options.Name))] };
                var cache = new LarderHybridCache(options with { Logger = LoggerOf(provider, options.Logger, options.Name) }, provider);
                provider.GetRequiredService<CacheDirectory>().Add(CacheView.Of(cache.Cache));
                return cache;
            }));
        }
    }

    // What Microsoft's would take for its second level: not what is in this process's memory anyway.
    private static IDistributedCache? Elsewhere(IServiceProvider provider) =>
        provider.GetService<IDistributedCache>() is { } cache and not LarderDistributedCache { HasTiers: false } && cache.GetType().FullName != "Microsoft.Extensions.Caching.Distributed.MemoryDistributedCache" ? cache : null;

    private static IServiceCollection Face<TService, TCache>(IServiceCollection services, Func<IServiceProvider, TCache> build) where TService : class where TCache : class, TService
    {
        services.TryAddSingleton<CacheDirectory>();
        services.RemoveAll<TCache>();
        services.AddSingleton(build);
        services.RemoveAll<TService>();
        return services.AddSingleton<TService>(static provider => provider.GetRequiredService<TCache>());
    }

    private static TimeProvider ClockOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ILogger LoggerOf(IServiceProvider provider, ILogger given, string name) =>
        ReferenceEquals(given, NullLogger.Instance) && provider.GetService<ILoggerFactory>() is { } loggers ? loggers.CreateLogger($"Larder.{name}") : given;
}
