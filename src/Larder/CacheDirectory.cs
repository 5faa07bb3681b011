using System.Collections.Concurrent;

namespace Larder;

/// <summary>The caches of an application by name, for those who look after them. Safe for threads.</summary>
/// <remarks>A loading cache is measured anyway, under its name; any other is while it is in a directory, under the name that it has here.</remarks>
/// <example><code>
/// using var entry = directory.Add(CacheView.Of(users));
/// app.MapLarderDashboard("/larder");
/// </code></example>
public sealed class CacheDirectory
{
    private readonly ConcurrentDictionary<string, ICacheView> _byName = new(StringComparer.Ordinal);

    /// <summary>All of them, in the order of their names.</summary>
    public IReadOnlyList<ICacheView> All => [.. _byName.Values.OrderBy(static view => view.Name, StringComparer.Ordinal)];

    /// <summary>Adds a cache, until what this returns is disposed.</summary>
    /// <exception cref="ArgumentException">There is one of this name.</exception>
    public IDisposable Add(ICacheView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (!_byName.TryAdd(view.Name, view)) throw new ArgumentException($"There is a cache named '{view.Name}' already; names must differ.", nameof(view));
        return new Membership(_byName, new(view.Name, view), view is IMeasuresItself ? null : CacheMeters.Add(view));
    }

    /// <summary>The cache of this name; null if there is none.</summary>
    public ICacheView? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _byName.GetValueOrDefault(name);
    }

    // Removes this very view: another that has taken its name since stays.
    private sealed class Membership(ConcurrentDictionary<string, ICacheView> byName, KeyValuePair<string, ICacheView> member, IDisposable? measured) : IDisposable
    {
        public void Dispose()
        {
            byName.TryRemove(member);
            measured?.Dispose();
        }
    }
}
