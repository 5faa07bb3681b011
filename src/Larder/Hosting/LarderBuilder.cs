using Larder.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Larder;

/// <summary>Describes the caches of an application.</summary>
public sealed class LarderBuilder
{
    private readonly CacheRegistrations _registrations;

    internal LarderBuilder(IServiceCollection services, CacheRegistrations registrations) => (Services, _registrations) = (services, registrations);

    /// <summary>What the caches are put into.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Has a section of the configuration set the caches' options: it has a section for each cache, by its name, as of <see cref="CacheBuilder{TKey, TValue}.Bind"/>. One that names no
    /// cache is a fault.
    /// </summary>
    /// <example><code>builder.Services.AddLarder(larder => larder.Bind(builder.Configuration.GetSection("Larder")).AddCache&lt;string, User&gt;("users", …));</code></example>
    public LarderBuilder Bind(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        _registrations.Bind(section);
        return this;
    }

    /// <summary>Adds a cache.</summary>
    /// <param name="name">What it is called: another for each cache. The key of its service.</param>
    /// <param name="describe">Describes it.</param>
    /// <exception cref="ArgumentException">The name is taken, or empty.</exception>
    public LarderBuilder AddCache<TKey, TValue>(string name, Action<CacheBuilder<TKey, TValue>> describe) where TKey : notnull
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(describe);
        if (_registrations.Has(name)) throw new ArgumentException($"There is a cache '{name}' already; each must have a name of its own.", nameof(name));
        var builder = new CacheBuilder<TKey, TValue>(name, Services, _registrations);
        describe(builder);
        bool isFirst = _registrations.Add(new CacheRegistration<TKey, TValue>(name));
        Services.AddKeyedSingleton<LoadingCache<TKey, TValue>>(name, (services, key) =>
        {
            var cache = builder.Build(services);
            services.GetRequiredService<CacheDirectory>().Add(CacheView.Of(cache));
            return cache;
        });
        Services.AddKeyedSingleton<ILoadingCache<TKey, TValue>>(name, (services, key) => services.GetRequiredKeyedService<LoadingCache<TKey, TValue>>(key));
        if (!isFirst) return this;
        Services.AddSingleton(services => services.GetRequiredKeyedService<LoadingCache<TKey, TValue>>(_registrations.Only<TKey, TValue>()));
        Services.AddSingleton<ILoadingCache<TKey, TValue>>(static services => services.GetRequiredService<LoadingCache<TKey, TValue>>());
        return this;
    }
}
