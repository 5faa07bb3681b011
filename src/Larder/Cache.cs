using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Larder.Memory;
using Larder.Observability;

namespace Larder;

/// <summary>
/// An in-process cache: bounded, typed, safe for threads. Reads take no lock and allocate nothing; writes lock one shard.
/// </summary>
/// <remarks>
/// <c>null</c>, <c>default</c> and <c>0</c> are values. A key known not to exist is a third state beside found and missing:
/// see <see cref="SetAbsent"/> and <see cref="Read"/>. Time comes from the options' clock; with the system's, lives end up
/// to about 10 ms early or late.
/// </remarks>
/// <example><code>
/// using var users = new Cache&lt;string, User&gt;(new() { Capacity = 100_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) });
/// if (!users.TryGet("u:1", out var user)) users.Set("u:1", user = Load("u:1"));
/// var same = users.GetOrAdd("u:1", static (key, db) => db.Find(key), db);      // the state argument spares a closure
/// </code></example>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "A cache is a cache.")]
public sealed class Cache<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IDisposable, IAsyncDisposable where TKey : notnull
{
    // How long disposal waits for the handler of removals.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly MemoryCore<TKey, TValue> _core;
    private readonly Factories<TKey, TValue> _factories;

    // What had been counted when the statistics were last reset. Guarded by _forgotten.
    private readonly ShardTotals _forgotten = new();
    private FailureCounts _forgottenFailures;

    /// <summary>Builds a cache.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public Cache(CacheOptions<TKey, TValue>? options = null) : this(options ?? new(), watch: null) { }

    internal Cache(CacheOptions<TKey, TValue> options, IDepartureWatch<TKey, TValue>? watch, string? name = null)
    {
        if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        _core = new(options, name ?? TypeNames.Of(typeof(Cache<TKey, TValue>)), watch);
        _factories = new(_core);
        Policy = options.Policy;
    }

    /// <summary>How many values are alive now: without those whose time has come, and without absences.</summary>
    public int Count
    {
        get
        {
            _core.ThrowIfDisposed();
            int count = 0;
            foreach (var shard in _core.Shards.All) count += shard.LiveCount(_core.Now);
            return count;
        }
    }

    /// <summary>What the cache may hold. May be changed while it is used; a smaller one takes hold at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long Capacity
    {
        get => _core.Shards.Values.Capacity;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _core.Resize(value);
        }
    }

    /// <summary>What it holds, in the units of the capacity, with what has expired and is not yet reclaimed.</summary>
    public long Weight => _core.Shards.Values.Total;

    /// <summary>The policy that chooses what leaves.</summary>
    public EvictionPolicy Policy { get; }

    /// <summary>What another capacity or policy would do, as of a second ago; null without <see cref="CacheOptions{TKey, TValue}.Advice"/>.</summary>
    public CacheAdvice? Advice => _core.Shards.Advisor?.Advice;

    /// <summary>The live keys. See <see cref="GetEnumerator"/>.</summary>
    public IEnumerable<TKey> Keys => this.Select(static pair => pair.Key);

    /// <summary>The live values. See <see cref="GetEnumerator"/>.</summary>
    public IEnumerable<TValue> Values => this.Select(static pair => pair.Value);

    /// <summary>What the cache has done so far.</summary>
    public CacheStatistics Statistics
    {
        get
        {
            var totals = _core.Shards.Totals();
            var reads = _core.Reads.Read();
            var (loads, loadFailures, joins, time) = _factories.Counters.Counted;
            var failures = Failures;
            lock (_forgotten)
            {
                return new()
                {
                    Hits = reads.Hits,
                    Misses = reads.Misses,
                    AbsentHits = reads.AbsentHits,
                    Sets = totals.Sets - _forgotten.Sets,
                    Refused = totals.Refused - _forgotten.Refused,
                    Removals = [.. totals.Removals.Zip(_forgotten.Removals, static (now, then) => now - then)],
                    Loads = loads,
                    LoadFailures = loadFailures,
                    Joins = joins,
                    LoadTime = time,
                    HandlerFailures = failures.Handler - _forgottenFailures.Handler,
                    PolicyFailures = failures.Policy - _forgottenFailures.Policy,
                    RemovalsDropped = failures.Dropped - _forgottenFailures.Dropped,
                };
            }
        }
    }

    /// <summary>Finds a live value. Counts as a use.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        return _core.TryGet(key, out value);
    }

    /// <summary>Finds a live value, and tells a key that is known to be absent from one of which nothing is known. Counts as a use.</summary>
    /// <returns><see cref="ReadStatus.Hit"/>, <see cref="ReadStatus.Absent"/> or <see cref="ReadStatus.Miss"/>.</returns>
    public ReadStatus Read(TKey key, out TValue? value)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        return _core.Read(key, out value);
    }

    /// <summary>Finds a live value without a trace: no use, no statistics.</summary>
    public bool TryPeek(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        return _core.TryPeek(key, out value);
    }

    /// <summary>Whether the key has a live value. Without a trace.</summary>
    public bool Contains(TKey key)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        return _core.Contains(key);
    }

    /// <summary>Writes a value, over whatever was there.</summary>
    public void Set(TKey key, TValue value)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        _core.Set(key, value);
    }

    /// <summary>Writes a value with a lifetime of its own.</summary>
    public void Set(TKey key, TValue value, Lifetime lifetime)
    {
        ArgumentNullException.ThrowIfNull(lifetime);
        Set(key, value, lifetime, null);
    }

    /// <summary>Writes a value with a lifetime and a weight of its own; null for the cache's.</summary>
    /// <exception cref="ArgumentException">The lifetime is not allowed, or the weight is below zero.</exception>
    public void Set(TKey key, TValue value, Lifetime? lifetime, long? weight)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        if (lifetime is not null) LifetimeRule<TKey, TValue>.Checked(lifetime, nameof(lifetime));
        _core.Set(_core.Prepare(key, _core.HashOf(key), value, lifetime, weight));
    }

    /// <summary>Remembers that the key does not exist, in place of a value.</summary>
    public void SetAbsent(TKey key, Lifetime? lifetime = null)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        if (lifetime is not null) LifetimeRule<TKey, TValue>.Checked(lifetime, nameof(lifetime));
        _core.Set(_core.PrepareAbsence(key, _core.HashOf(key), lifetime));
    }

    /// <summary>Finds the value, or makes and keeps it. Concurrent callers of one key share one call of the factory, and its exception.</summary>
    /// <exception cref="InvalidOperationException">The factory asked the cache for what waits for the factory.</exception>
    public TValue GetOrAdd(TKey key, Func<TKey, TValue> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAdd(key, static (k, make) => make(k), factory);
    }

    /// <inheritdoc cref="GetOrAdd(TKey, Func{TKey, TValue})"/>
    public TValue GetOrAdd<TState>(TKey key, Func<TKey, TState, TValue> factory, TState state)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return TryGet(key, out var value) ? value : _factories.GetOrAdd(key, factory, state);
    }

    /// <summary>Writes over a live value. Returns whether there was one.</summary>
    public bool TryUpdate(TKey key, TValue value)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        return _core.Update(_core.Prepare(key, _core.HashOf(key), value, null, null));
    }

    /// <summary>Writes over a live value that equals <paramref name="comparison"/>. Returns whether there was one.</summary>
    public bool TryUpdate(TKey key, TValue value, TValue comparison)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        return _factories.TryUpdate(key, value, comparison);
    }

    /// <summary>Makes a value from the live one, or the first, and keeps it: one caller of a key at a time, and anew if the key was written meanwhile.</summary>
    public TValue AddOrUpdate<TState>(TKey key, Func<TKey, TState, TValue> add, Func<TKey, TValue, TState, TValue> update, TState state)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        ArgumentNullException.ThrowIfNull(add);
        ArgumentNullException.ThrowIfNull(update);
        return _factories.AddOrUpdate(key, add, update, state);
    }

    /// <summary>Removes the key, or what is remembered of its absence. Returns whether it had a live value.</summary>
    public bool Remove(TKey key) => Remove(key, out _);

    /// <summary>Removes the key and hands out its value, if it was alive.</summary>
    public bool Remove(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
        _core.ThrowIfDisposed();
        int hash = _core.HashOf(key);
        return _core.ShardOf(hash).Remove(key, hash, RemovalCause.Removed, _core.Now, out value);
    }

    /// <summary>Forgets everything. What factories at work bring is not kept.</summary>
    public void Clear()
    {
        _core.ThrowIfDisposed();
        _core.Shards.Clear(RemovalCause.Cleared, _core.Now);
    }

    /// <summary>Reclaims what has expired, now and not within the second or two that it would take by itself.</summary>
    public void Trim()
    {
        _core.ThrowIfDisposed();
        _core.Trim();
    }

    /// <summary>Starts the statistics anew.</summary>
    public void ResetStatistics()
    {
        var totals = _core.Shards.Totals();
        lock (_forgotten)
        {
            _forgotten.Sets = totals.Sets;
            _forgotten.Refused = totals.Refused;
            totals.Removals.CopyTo(_forgotten.Removals, 0);
            _forgottenFailures = Failures;
            _core.Reads.Reset();
            _factories.Counters.Reset();
        }
    }

    /// <summary>
    /// The live pairs, without a copy of the whole. What is there from beginning to end comes exactly once; what is written
    /// or removed meanwhile may or may not come.
    /// </summary>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator()
    {
        _core.ThrowIfDisposed();
        foreach (var entry in _core.Shards.Entries())
            if (_core.Now < Volatile.Read(ref entry.Deadline)) yield return new(entry.Key, _core.ForReader(entry.Value));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Clears the cache and stops its work in the background. Later calls throw. Returns without waiting for the handler of removals.</summary>
    public void Dispose() => _core.Dispose();

    /// <summary>As <see cref="Dispose"/>, and waits until the handler of removals has been told of everything, for 5 seconds at most.</summary>
    public async ValueTask DisposeAsync()
    {
        _core.Dispose();
        if (_core.Removals is { } removals) await removals.DrainAsync(_patience).ConfigureAwait(false);
    }

    internal MemoryCore<TKey, TValue> Core => _core;

    internal FactoryCounters FactoryCounters => _factories.Counters;

    private FailureCounts Failures => new(_core.Removals?.Failures ?? 0, _core.Shards.PolicyFailures.Count, _core.Removals?.Dropped ?? 0);

    internal void CheckIntegrity()
    {
        foreach (var shard in _core.Shards.All) shard.CheckIntegrity();
    }

    [DoesNotReturn]
    private static void ThrowNullKey() => throw new ArgumentNullException("key", "A key cannot be null.");

    private readonly record struct FailureCounts(long Handler, long Policy, long Dropped);
}
