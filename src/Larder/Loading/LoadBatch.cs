using System.Runtime.ExceptionServices;

namespace Larder;

/// <summary>Keys that a loader is asked for together, and what has been found of them.</summary>
/// <remarks>Safe for threads while the loader runs. What is set after the loader has returned is ignored.</remarks>
/// <example><code>
/// foreach (var row in await db.FindAsync(batch.Missing, cancellationToken)) batch.Set(row.Id, row);
/// batch.Set(extra.Id, extra);                                              // not asked for: kept all the same
/// batch.Set(token.Id, new Loaded&lt;Row&gt;(token) { Lifetime = shorter });      // a lifetime of its own
/// batch.Fail(brokenId, new FormatException("…"));                          // this key alone fails
/// </code></example>
public sealed class LoadBatch<TKey, TValue> where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LoadRequest<TKey, TValue>> _requests;
    private readonly Dictionary<TKey, (Loaded<TValue> Loaded, Exception? Error)> _found; // Guarded by _gate.
    private TKey[]? _missing; // Guarded by _gate. Null when it must be found out anew.

    internal LoadBatch(IReadOnlyList<LoadRequest<TKey, TValue>> requests, IEqualityComparer<TKey>? comparer = null)
    {
        _requests = new(requests.Count, comparer);
        _found = new(requests.Count, comparer);
        foreach (var request in requests) _requests.TryAdd(request.Key, request);
    }

    /// <summary>The keys asked for that have neither been found nor failed yet. In a chain: what earlier loaders did not find.</summary>
    public IReadOnlyList<TKey> Missing
    {
        get
        {
            lock (_gate) return _missing ??= [.. _requests.Keys.Where(key => !_found.ContainsKey(key))];
        }
    }

    /// <summary>The key was found. Once more, by a later loader: the later holds.</summary>
    public void Set(TKey key, Loaded<TValue> loaded)
    {
        ArgumentNullException.ThrowIfNull(key);
        Put(key, (loaded, null));
    }

    /// <summary>This key alone failed; who waits for it gets the exception.</summary>
    public void Fail(TKey key, Exception error)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(error);
        Put(key, (default, error));
    }

    /// <summary>What is asked for one of the keys, with what the cache still has of it.</summary>
    public LoadRequest<TKey, TValue> RequestFor(TKey key) => _requests[key];

    internal Loaded<TValue> Take(TKey key)
    {
        var (loaded, error) = Outcome(key);
        if (error is not null) ExceptionDispatchInfo.Throw(error);
        return loaded;
    }

    internal (Loaded<TValue> Loaded, Exception? Error) Outcome(TKey key)
    {
        lock (_gate) return _found.TryGetValue(key, out var found) ? found : default;
    }

    /// <summary>What was found without having been asked for.</summary>
    internal IReadOnlyList<KeyValuePair<TKey, Loaded<TValue>>> Extras()
    {
        lock (_gate)
        {
            return [.. from found in _found
                       where !_requests.ContainsKey(found.Key) && found.Value.Error is null && found.Value.Loaded.HasValue
                       select KeyValuePair.Create(found.Key, found.Value.Loaded)];
        }
    }

    /// <summary>Forgets what was found, for the chain broke.</summary>
    internal void Discard()
    {
        lock (_gate)
        {
            _found.Clear();
            _missing = null;
        }
    }

    private void Put(TKey key, (Loaded<TValue>, Exception?) outcome)
    {
        lock (_gate)
        {
            _found[key] = outcome;
            _missing = null;
        }
    }
}
