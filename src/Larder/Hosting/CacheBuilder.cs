using System.Diagnostics.CodeAnalysis;
using Larder.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Larder;

/// <summary>Describes one cache: a fluent face of <see cref="LoadingCacheOptions{TKey, TValue}"/>, which says what each setting means and allows.</summary>
/// <remarks>The clock and the logger are the container's, unless the options have their own. All is checked when the cache is built.</remarks>
public sealed class CacheBuilder<TKey, TValue> where TKey : notnull
{
    private readonly string _name;
    private readonly IServiceCollection _services;

    // What makes the options, in turn.
    private readonly List<Func<IServiceProvider, LoadingCacheOptions<TKey, TValue>, LoadingCacheOptions<TKey, TValue>>> _steps = [];

    private readonly CacheRegistrations _registrations;
    private readonly List<IConfigurationSection> _sections = [];

    internal CacheBuilder(string name, IServiceCollection services, CacheRegistrations registrations) => (_name, _services, _registrations) = (name, services, registrations);

    /// <summary>How many entries it holds, or how much weight.</summary>
    public CacheBuilder<TKey, TValue> Capacity(long capacity) => Memory(memory => memory with { Capacity = capacity });

    /// <summary>Has the cache find out what another capacity or policy would do; the dashboard shows it.</summary>
    public CacheBuilder<TKey, TValue> Advise(int keys = 1024) => Memory(memory => memory with { Advice = new() { Keys = keys } });

    /// <summary>How long values are served, served while they are refreshed, and kept to fall back on.</summary>
    /// <param name="fresh">See <see cref="Larder.Lifetime.Fresh"/>.</param>
    /// <param name="stale">See <see cref="Larder.Lifetime.Stale"/>.</param>
    /// <param name="fallback">See <see cref="Larder.Lifetime.Fallback"/>.</param>
    /// <param name="jitter">See <see cref="Jitter.Fraction"/>; zero for none.</param>
    public CacheBuilder<TKey, TValue> Lifetime(TimeSpan fresh, TimeSpan stale = default, TimeSpan fallback = default, double jitter = 0) =>
        Memory(memory => memory with { Lifetime = new() { Fresh = fresh, Stale = stale, Fallback = fallback, Jitter = jitter == 0 ? null : new() { Fraction = jitter } } });

    /// <summary>Absences are remembered in a store of their own.</summary>
    public CacheBuilder<TKey, TValue> RememberAbsent(long capacity, TimeSpan? lifetime = null) =>
        Memory(memory => memory with { Absent = new() { Capacity = capacity, Lifetime = lifetime is { } time ? Larder.Lifetime.FreshFor(time) : null } });

    /// <summary>Loads by a loader from the container, in a scope of its own for each load: one key, or a batch if it is an <see cref="IBatchLoader{TKey, TValue}"/>.</summary>
    public CacheBuilder<TKey, TValue> Load<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TLoader>() where TLoader : class, ILoader<TKey, TValue>
    {
        _services.TryAddScoped<TLoader>();
        return With((services, options) => options with { Loaders = [.. options.Loaders, ScopedLoader.Of<TKey, TValue, TLoader>(services.GetRequiredService<IServiceScopeFactory>())] });
    }

    /// <summary>Loads by a function, which is given the services of a scope of its own for each load.</summary>
    public CacheBuilder<TKey, TValue> Load(Func<TKey, IServiceProvider, CancellationToken, ValueTask<TValue>> load)
    {
        ArgumentNullException.ThrowIfNull(load);
        return With((services, options) =>
        {
            var scopes = services.GetRequiredService<IServiceScopeFactory>();
            return options with
            {
                Loaders = [.. options.Loaders, Loader.For<TKey, TValue>(async (TKey key, CancellationToken cancel) =>
                {
                    var scope = scopes.CreateAsyncScope();
                    await using (scope.ConfigureAwait(false)) return await load(key, scope.ServiceProvider, cancel).ConfigureAwait(false);
                })],
            };
        });
    }

    /// <summary>Loads by a function.</summary>
    public CacheBuilder<TKey, TValue> Load(Func<TKey, CancellationToken, ValueTask<TValue>> load)
    {
        ArgumentNullException.ThrowIfNull(load);
        return With((_, options) => options with { Loaders = [.. options.Loaders, Loader.For(load)] });
    }

    /// <summary>Writes through a writer from the container, in a scope of its own for each batch; behind the caller's back, if told how.</summary>
    public CacheBuilder<TKey, TValue> Write<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TWriter>(Func<IServiceProvider, WriteBehindOptions<TKey, TValue>>? behind = null)
        where TWriter : class, IWriter<TKey, TValue>
    {
        _services.TryAddScoped<TWriter>();
        return With((services, options) => options with
        {
            Writing = new(new ScopedWriter<TKey, TValue, TWriter>(services.GetRequiredService<IServiceScopeFactory>())) { Behind = behind?.Invoke(services) },
        });
    }

    /// <summary>Keeps values in a tier, below those named before.</summary>
    public CacheBuilder<TKey, TValue> Tier(Func<IServiceProvider, TierOptions> tier)
    {
        ArgumentNullException.ThrowIfNull(tier);
        return With((services, options) => options with { Tiers = [.. options.Tiers, tier(services)] });
    }

    /// <summary>Says how values become the bytes that tiers keep.</summary>
    public CacheBuilder<TKey, TValue> Serialize(Microsoft.Extensions.Caching.Hybrid.IHybridCacheSerializer<TValue> serializer) =>
        Configure(options => options with { Payloads = options.Payloads with { Serializer = serializer } });

    /// <summary>Changes any of the options.</summary>
    public CacheBuilder<TKey, TValue> Configure(Func<LoadingCacheOptions<TKey, TValue>, LoadingCacheOptions<TKey, TValue>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return With((_, options) => change(options));
    }

    /// <summary>Changes any of the options, by what the container has.</summary>
    public CacheBuilder<TKey, TValue> With(Func<IServiceProvider, LoadingCacheOptions<TKey, TValue>, LoadingCacheOptions<TKey, TValue>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _steps.Add(change);
        return this;
    }

    /// <summary>
    /// Has a section of the configuration set options, whose keys are named as they are; it wins over what is said in code, whether before or after. A value that is not allowed, or a
    /// key that is not known, is a fault like any other: all are said at once when the cache is built, by their keys.
    /// </summary>
    /// <example><code>cache.Load&lt;UserLoader&gt;().Bind(builder.Configuration.GetSection("Caches:users"))</code></example>
    public CacheBuilder<TKey, TValue> Bind(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        _sections.Add(section);
        return this;
    }

    /// <summary>What the cache is called.</summary>
    public string Name => _name;

    internal LoadingCache<TKey, TValue> Build(IServiceProvider services)
    {
        var options = new LoadingCacheOptions<TKey, TValue> { Name = _name };
        if (services.GetService<TimeProvider>() is { } time) options = options with { Memory = options.Memory with { TimeProvider = time } };
        foreach (var step in _steps) options = step(services, options);
        if (ReferenceEquals(options.Memory?.Logger, NullLogger.Instance) && services.GetService<ILoggerFactory>() is { } loggers)
            options = options with { Memory = options.Memory with { Logger = loggers.CreateLogger($"Larder.{_name}") } };
        return new(Configured(options));
    }

    private LoadingCacheOptions<TKey, TValue> Configured(LoadingCacheOptions<TKey, TValue> options)
    {
        List<string> faults = [];
        IConfigurationSection[] sections = [.. _registrations.SectionsOf(_name), .. _sections];
        var configured = new ConfiguredOptions<TKey, TValue>(faults);
        foreach (var section in sections) options = configured.Apply(section, options);
        faults.AddRange(options.Faults());
        foreach (var section in sections) faults = faults.ConvertAll(fault => ConfiguredOptions<TKey, TValue>.ByKey(fault, section, options));
        return faults.Count == 0 ? options : throw new OptionsValidationException(_name, typeof(LoadingCacheOptions<TKey, TValue>), faults);
    }

    private CacheBuilder<TKey, TValue> Memory(Func<CacheOptions<TKey, TValue>, CacheOptions<TKey, TValue>> change) =>
        Configure(options => options with { Memory = change(options.Memory) });
}
