using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Larder.Hosting;

/// <summary>The caches that a container has, by name. Filled while services are added, then only read.</summary>
internal sealed class CacheRegistrations
{
    private readonly List<CacheRegistration> _all = [];
    private readonly List<IConfigurationSection> _sections = []; // Each with one for each cache, by name.

    internal IReadOnlyList<CacheRegistration> All => _all;

    internal bool Has(string name) => _all.Exists(registration => registration.Name == name);

    internal void Bind(IConfigurationSection section) => _sections.Add(section);

    /// <summary>What the configuration has on a cache.</summary>
    internal IEnumerable<IConfigurationSection> SectionsOf(string name) => _sections.Select(section => section.GetSection(name));

    /// <summary>What the configuration has on caches that there are not.</summary>
    internal IEnumerable<string> Faults() =>
        from section in _sections
        from child in section.GetChildren()
        where !_all.Exists(cache => string.Equals(cache.Name, child.Key, StringComparison.OrdinalIgnoreCase))
        select $"{child.Path} is of no cache; there are {string.Join(", ", _all.Select(static cache => $"'{cache.Name}'"))}.";

    /// <summary>Returns whether it is the first of its types.</summary>
    internal bool Add<TKey, TValue>(CacheRegistration<TKey, TValue> registration) where TKey : notnull
    {
        bool isFirst = !_all.OfType<CacheRegistration<TKey, TValue>>().Any();
        _all.Add(registration);
        return isFirst;
    }

    /// <summary>The name of the only cache of these types.</summary>
    /// <exception cref="InvalidOperationException">There are several; the message names them.</exception>
    internal string Only<TKey, TValue>() where TKey : notnull
    {
        string[] names = [.. _all.OfType<CacheRegistration<TKey, TValue>>().Select(static registration => registration.Name)];
        return names.Length == 1
            ? names[0]
            : throw new InvalidOperationException($"There are {names.Length} caches of {typeof(TKey).Name} and {typeof(TValue).Name}: {string.Join(", ", names.Select(static name => $"'{name}'"))}. Say which, with [FromKeyedServices(\"{names[0]}\")].");
    }
}

/// <summary>One cache of a container.</summary>
internal abstract class CacheRegistration(string name)
{
    internal string Name => name;

    /// <summary>Builds it, or finds it built.</summary>
    /// <exception cref="Exception">What keeps it from being built.</exception>
    internal abstract IStartableCache Resolve(IServiceProvider services);
}

internal sealed class CacheRegistration<TKey, TValue>(string name) : CacheRegistration(name) where TKey : notnull
{
    internal override IStartableCache Resolve(IServiceProvider services) => new Startable(services.GetRequiredKeyedService<LoadingCache<TKey, TValue>>(Name));

    private sealed class Startable(LoadingCache<TKey, TValue> cache) : IStartableCache
    {
        public ValueTask StartAsync(CancellationToken cancellationToken) => cache.StartAsync(cancellationToken);

        public ValueTask DisposeAsync() => cache.DisposeAsync();
    }
}

/// <summary>A cache as its host sees it.</summary>
internal interface IStartableCache : IAsyncDisposable
{
    ValueTask StartAsync(CancellationToken cancellationToken);
}
