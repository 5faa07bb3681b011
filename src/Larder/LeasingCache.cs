using System.Diagnostics.CodeAnalysis;
using Larder.Leasing;
using Larder.Observability;

namespace Larder;

/// <summary>
/// A cache of values that must be disposed: files, bitmaps, connections. Readers lease them, and each is disposed once, when it has left the cache and its last
/// lease was disposed.
/// </summary>
/// <remarks>
/// What is handed over, by <c>Set</c> or by a factory, is the cache's: it disposes it even if the call throws. One instance may be handed over again while the cache
/// has it, under the same key or another: it is disposed when it has left them all. Whoever lets go last disposes, on its own thread and outside all locks.
/// </remarks>
/// <example><code>
/// using var images = new LeasingCache&lt;string, Bitmap&gt;(new() { Capacity = 100, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) });
/// using var lease = images.GetOrAdd("logo.png", static (path, folder) => new Bitmap(Path.Combine(folder, path)), "images");
/// Draw(lease.Value);                              // usable until the lease is disposed, whatever becomes of the entry
/// </code></example>
public sealed class LeasingCache<TKey, TValue> : IDisposable where TKey : notnull where TValue : class, IDisposable
{
    private readonly Holdings<TValue> _holdings;
    private readonly Cache<TKey, Counted<TValue>> _cache;
    private readonly LeaseFactories<TKey, TValue> _factories;

    /// <summary>Builds a cache.</summary>
    /// <param name="options">How it behaves. <c>Copy</c>, <c>Absent</c> and <c>Removed</c> must be as they are by default.</param>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public LeasingCache(CacheOptions<TKey, TValue>? options = null)
    {
        options ??= new();
        if (options.Faults().Concat(LeasingFaults(options)).ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        _holdings = new(options.Logger);
        _cache = new(OfCounted(options), new LeasedDepartures<TKey, TValue>(_holdings), TypeNames.Of(typeof(LeasingCache<TKey, TValue>)));
        _factories = new(_cache.Core, _holdings, _cache.FactoryCounters);
    }

    /// <summary>How many entries are alive now.</summary>
    public int Count
    {
        get
        {
            int count = _cache.Count;
            _holdings.DisposeLeft(); // Counting reclaims.
            return count;
        }
    }

    /// <summary>How many values the cache has taken over and not yet disposed: what is in it, and what has left it and is leased. After its disposal, what is still leased.</summary>
    public int Undisposed => _holdings.Count;

    /// <inheritdoc cref="Cache{TKey, TValue}.Capacity"/>
    public long Capacity
    {
        get => _cache.Capacity;
        set
        {
            _cache.Capacity = value;
            _holdings.DisposeLeft();
        }
    }

    /// <inheritdoc cref="Cache{TKey, TValue}.Weight"/>
    public long Weight => _cache.Weight;

    /// <inheritdoc cref="Cache{TKey, TValue}.Policy"/>
    public EvictionPolicy Policy => _cache.Policy;

    /// <inheritdoc cref="Cache{TKey, TValue}.Advice"/>
    public CacheAdvice? Advice => _cache.Advice;

    /// <summary>What the cache has done so far. <see cref="CacheStatistics.HandlerFailures"/> are values that threw when they were disposed.</summary>
    public CacheStatistics Statistics => _cache.Statistics with { HandlerFailures = _holdings.Failures };

    /// <summary>Leases a live value. Counts as a use.</summary>
    public bool TryLease(TKey key, [NotNullWhen(true)] out Lease<TValue>? lease)
    {
        var wait = new SpinWait();
        while (_cache.TryGet(key, out var counted))
        {
            if ((lease = counted.TryLease()) is not null) return true;

            // It has left since it was found, and another may be there.
            wait.SpinOnce();
        }

        lease = null;
        return false;
    }

    /// <summary>Whether the key has a live value. Without a trace.</summary>
    public bool Contains(TKey key) => _cache.Contains(key);

    /// <summary>Leases the value, or has it made and keeps it. Concurrent callers of one key share one call of the factory, its value or its exception.</summary>
    /// <exception cref="InvalidOperationException">The factory returned null, or asked the cache for what waits for the factory.</exception>
    public Lease<TValue> GetOrAdd(TKey key, Func<TKey, TValue> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAdd(key, static (k, make) => make(k), factory);
    }

    /// <inheritdoc cref="GetOrAdd(TKey, Func{TKey, TValue})"/>
    /// <remarks>What the factory makes is leased to all who asked, though it could not be stored: because the key was written or removed meanwhile, because it outweighs the cache, or because the cache was disposed.</remarks>
    public Lease<TValue> GetOrAdd<TState>(TKey key, Func<TKey, TState, TValue> factory, TState state)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Lease<TValue>? lease;
        while (!TryLease(key, out lease))
        {
            lease = _factories.GetOrAdd(key, factory, state);
            _holdings.DisposeLeft();
            if (lease is not null) break;
        }

        return lease;
    }

    /// <inheritdoc cref="GetOrAddAsync{TState}(TKey, Func{TKey, TState, CancellationToken, ValueTask{TValue}}, TState, CancellationToken)"/>
    public ValueTask<Lease<TValue>> GetOrAddAsync(TKey key, Func<TKey, CancellationToken, ValueTask<TValue>> factory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAddAsync(key, static (k, make, cancel) => make(k, cancel), factory, cancellationToken);
    }

    /// <summary>Leases the value, or has it made by an asynchronous factory and keeps it. Concurrent callers of one key share one call of the factory, its value or its exception.</summary>
    /// <remarks>
    /// A caller that cancels waits no longer, and harms no other; when nobody waits any more, the factory's token is cancelled, and what it still brings is disposed. Shares no
    /// call with <c>GetOrAdd</c>. A factory must not wait for its own key.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The factory returned null.</exception>
    /// <example><code>
    /// using var lease = await images.GetOrAddAsync("logo.png", static (path, cancel) => Bitmap.ReadAsync(path, cancel), cancellationToken);
    /// </code></example>
    public ValueTask<Lease<TValue>> GetOrAddAsync<TState>(TKey key, Func<TKey, TState, CancellationToken, ValueTask<TValue>> factory, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return TryLease(key, out var lease) ? new(lease) : AddAsync(key, factory, state, cancellationToken);
    }

    /// <summary>Hands a value over to the cache, in place of whatever was there. One that outweighs the cache is not kept, and disposed.</summary>
    public void Set(TKey key, TValue value) => Set(key, value, null, null);

    /// <summary>Hands over a value with a lifetime and a weight of its own; null for the cache's.</summary>
    /// <exception cref="ArgumentException">The lifetime is not allowed, the weight is below zero, or the value has left the cache and is being disposed.</exception>
    public void Set(TKey key, TValue value, Lifetime? lifetime, long? weight = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        var taken = _holdings.Take(value); // The entry's hold.
        try
        {
            _cache.Set(key, taken, lifetime, weight);
        }
        catch
        {
            _holdings.LetGo(taken);
            throw;
        }

        // The cache may have been disposed, and cleared, between the check for it and the write.
        if (_holdings.IsClosed) _cache.Core.Shards.Clear(RemovalCause.Cleared, _cache.Core.Now);
        _holdings.DisposeLeft();
    }

    /// <summary>Removes the key. Returns whether it had a live value.</summary>
    public bool Remove(TKey key)
    {
        bool removed = _cache.Remove(key);
        _holdings.DisposeLeft();
        return removed;
    }

    /// <summary>Forgets everything. What factories at work bring is not kept.</summary>
    public void Clear()
    {
        _cache.Clear();
        _holdings.DisposeLeft();
    }

    /// <inheritdoc cref="Cache{TKey, TValue}.Trim"/>
    public void Trim() => _cache.Trim();

    /// <inheritdoc cref="Cache{TKey, TValue}.ResetStatistics"/>
    public void ResetStatistics()
    {
        _cache.ResetStatistics();
        _holdings.ResetFailures();
    }

    /// <summary>Clears the cache and disposes every value that is not leased; leased ones are by their last lease. Later calls throw; leases may be used and disposed.</summary>
    public void Dispose()
    {
        _holdings.Close();
        _cache.Dispose();
        _holdings.DisposeLeft();
    }

    internal ICacheView View(string name, KeyFormat<TKey>? keys) =>
        new MemoryCacheView<TKey, Counted<TValue>>(_cache, name, keys, typeof(TValue), static counted => TypeNames.Of(counted.Value.GetType()), _holdings.DisposeLeft);

    internal void CheckIntegrity() => _cache.CheckIntegrity();

    private async ValueTask<Lease<TValue>> AddAsync<TState>(TKey key, Func<TKey, TState, CancellationToken, ValueTask<TValue>> factory, TState state, CancellationToken cancellationToken)
    {
        Lease<TValue>? lease;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            lease = await _factories.GetOrAddAsync(key, factory, state, cancellationToken).ConfigureAwait(false);
        }
        while (lease is null && !TryLease(key, out lease));
        return lease;
    }

    private static IEnumerable<string> LeasingFaults(CacheOptions<TKey, TValue> options)
    {
        if (options.Copy is { OnRead: not null } or { OnWrite: not null }) yield return $"{nameof(options.Copy)} is set; values that are leased are never copied, so leave it out.";
        if (options.Absent is { Capacity: not null } or { Policy: not null } or { Lifetime: not null }) yield return $"{nameof(options.Absent)} is set; a leasing cache remembers no absences, so leave it out.";
        if (options.Removed is not null) yield return $"{nameof(options.Removed)} is set; a value that left may be disposed already, so leave it out.";
    }

    private static CacheOptions<TKey, Counted<TValue>> OfCounted(CacheOptions<TKey, TValue> options) => new()
    {
        Capacity = options.Capacity,
        Policy = options.Policy,
        Advice = options.Advice,
        Weigher = options.Weigher is { } weigher ? (key, counted) => weigher(key, counted.Value) : null,
        Lifetime = options.Lifetime,
        LifetimeOf = options.LifetimeOf is { } lifetimeOf ? (key, counted) => lifetimeOf(key, counted.Value) : null,
        Comparer = options.Comparer,
        Shards = options.Shards,
        TimeProvider = options.TimeProvider,
        Logger = options.Logger,
    };
}
