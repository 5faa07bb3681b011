using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Larder.Loading;
using Larder.Memory;
using Larder.Tiers;
using Larder.Warming;

namespace Larder;

/// <summary>
/// A cache that loads what it does not have: one load per key however many ask, stale values served while they are
/// refreshed behind the reader's back, old ones kept to fall back on when the source fails.
/// </summary>
/// <remarks>
/// <para>Fresh: served. Stale: served at once, and refreshed in the background. Expired: kept, and served only if the load
/// that should replace it fails, or is too slow. Gone. The three durations of a <see cref="Lifetime"/> say when.</para>
/// <para>A write, a removal or an invalidation during a load is never undone by it: what the load brings goes to those who
/// wait for it, and is not kept.</para>
/// </remarks>
/// <example><code>
/// await using var users = new LoadingCache&lt;string, User&gt;(db.FindAsync, new()
/// {
///     Memory = new() { Capacity = 100_000, Lifetime = new() { Fresh = TimeSpan.FromMinutes(5), Stale = TimeSpan.FromHours(1), Fallback = TimeSpan.FromDays(1) } },
/// });
/// var user = await users.GetAsync("u:1", cancel);
/// </code></example>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "A cache is a cache.")]
public sealed class LoadingCache<TKey, TValue> : ILoadingCache<TKey, TValue> where TKey : notnull
{
    // How long disposal waits for the handler of removals.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly MemoryCore<TKey, Kept<TValue>> _core;
    private readonly TagRemovals _tags;
    private readonly Loads<TKey, TValue> _loads;
    private readonly LoadingTotals<TKey, TValue> _totals;
    private readonly WarmTarget<TKey, TValue> _target;
    private readonly Warmer<TKey, TValue>? _warmer;
    private readonly IDisposable _measured;
    private int _isDisposed;

    /// <summary>Builds a cache.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public LoadingCache(LoadingCacheOptions<TKey, TValue> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        Options = options;
        _core = new(MemoryOptions.Of(options.Memory), options.Name);
        var hours = options.Warming?.Predicted is { } predicted ? new HotHours<TKey>(predicted, _core.Comparer, options.Memory.TimeProvider) : null;
        if (options.Memory.Copy.OnRead is not null || hours is not null) _core.ProlongOnHits();
        _loads = new(options, _core, hours is null ? null : hours.Record);
        _loads.Coherent?.Start();
        _tags = _loads.Tags;
        _totals = new(_core, _loads.Counters, _tags);
        _target = new(_loads);
        _measured = CacheMeters.Add(CacheView.Of(this));
        _warmer = options.Warming is { } warming ? new(warming, _target, hours, options.Memory.TimeProvider, options.Memory.Logger, options.Name) : null;
    }

    /// <summary>Builds a cache over one function that loads one key.</summary>
    public LoadingCache(Func<TKey, CancellationToken, ValueTask<TValue>> load, LoadingCacheOptions<TKey, TValue>? options = null)
        : this((options ?? new()) with { Loaders = [.. options?.Loaders ?? [], Loader.For(load)] }) { }

    /// <summary>What the cache was built with.</summary>
    public LoadingCacheOptions<TKey, TValue> Options { get; }

    /// <summary>What the cache may hold. May be changed while it is used; a smaller one takes hold at once.</summary>
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

    /// <summary>How many keys have a fresh or a stale value. Goes through them all.</summary>
    public int Count => Pairs().Count();

    /// <inheritdoc/>
    public LoadingStatistics Statistics => _totals.Read();

    /// <summary>The value of the key, loaded if need be; the default if there is none, which <see cref="ReadAsync(TKey, CancellationToken)"/> tells from a value.</summary>
    /// <exception cref="CircuitOpenException">There is no value, not even an old one, and a breaker keeps the source from being asked.</exception>
    /// <exception cref="TimeoutException">There is none, and the load took too long.</exception>
    public ValueTask<TValue?> GetAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ThrowIfNull(key);
        if (_core.FindQuickly(key) is { } entry && ShortPath.TryServe(_core, _tags, entry)) return new(entry.Value.Value);
        return GetInFull(key, new ByChain<TKey, TValue>(), cancellationToken);
    }

    /// <summary>
    /// The value of the key, loaded by <paramref name="load"/> if need be. Callers of one key share a load if their loaders
    /// are the same function, whatever it captured; so pass what it needs as <paramref name="state"/>, and a static lambda.
    /// </summary>
    /// <example><code>var user = await users.GetAsync(id, static (id, db, cancel) => db.FindAsync(id, cancel), db, cancel);</code></example>
    public ValueTask<TValue?> GetAsync<TState>(TKey key, Func<TKey, TState, CancellationToken, ValueTask<TValue>> load, TState state, CancellationToken cancellationToken = default)
    {
        ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(load);
        if (_core.FindQuickly(key) is { } entry && ShortPath.TryServe(_core, _tags, entry)) return new(entry.Value.Value);
        return GetInFull(key, new ByCall<TKey, TValue, TState>(load, state), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<CacheResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken = default) =>
        Read(key, new ByChain<TKey, TValue>(), cancellationToken);

    /// <summary>As <see cref="GetAsync{TState}"/>, and tells how it came by what it returns.</summary>
    public ValueTask<CacheResult<TValue>> ReadAsync<TState>(TKey key, Func<TKey, TState, CancellationToken, ValueTask<TValue>> load, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(load);
        return Read(key, new ByCall<TKey, TValue, TState>(load, state), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<TKey, CacheResult<TValue>>> ReadManyAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default) =>
        this.ReadManyAsync(keys, Skip.None, cancellationToken);

    /// <summary>Finds a fresh or stale value in memory, without waiting. A stale one is refreshed behind the caller's back.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        ThrowIfNull(key);
        if (_core.FindQuickly(key) is { } quick && ShortPath.TryServe(_core, _tags, quick))
        {
            value = quick.Value.Value;
            return true;
        }

        bool isServed = _loads.Reads.Meet(key, _core.HashOf(key), out var entry, new ByChain<TKey, TValue>()) is ReadStatus.Hit or ReadStatus.Stale;
        value = isServed ? _loads.ForReader(entry!.Value.Value) : default;
        return isServed;
    }

    /// <summary>Finds what memory has of the key, without a trace: no use, no refresh, no statistics.</summary>
    /// <param name="key">The key.</param>
    /// <param name="includesExpired">Whether a value kept only as a fallback is found too.</param>
    /// <returns><see cref="ReadStatus.Miss"/> if there is nothing.</returns>
    public CacheResult<TValue> Peek(TKey key, bool includesExpired = false)
    {
        ThrowIfNull(key);
        _core.ThrowIfDisposed();
        var entry = _core.Find(key, _core.HashOf(key));
        var status = EntryAges.StatusOf(_loads.AgeOf(entry, _core.Now));
        return status == ReadStatus.Miss || (status == ReadStatus.Expired && !includesExpired) ? new() : _loads.Results.Of(entry!, status);
    }

    /// <summary>Whether the key has a fresh or stale value in memory; with <paramref name="includesExpired"/>, one to fall back on counts too. Without a trace.</summary>
    public bool Contains(TKey key, bool includesExpired = false) => Peek(key, includesExpired).HasValue;

    /// <summary>The pairs in memory, without a copy of the whole: those with a fresh or stale value, and those with a fallback if asked for.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Pairs(bool includesExpired = false)
    {
        _core.ThrowIfDisposed();
        foreach (var entry in _core.Shards.Entries())
        {
            var age = _loads.AgeOf(entry, _core.Now);
            if (age is EntryAge.Fresh or EntryAge.Stale || (includesExpired && age == EntryAge.Expired))
                yield return new(entry.Key, _loads.ForReader(entry.Value.Value));
        }
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(TKey key, TValue value, Lifetime? lifetime = null, TagSet tags = default, CancellationToken cancellationToken = default) =>
        SetAsync(key, value, Skip.None, lifetime, tags, cancellationToken);

    internal ValueTask SetAsync(TKey key, TValue value, Skip skip, Lifetime? lifetime, TagSet tags, CancellationToken cancellationToken)
    {
        ThrowIfNull(key);
        _core.ThrowIfDisposed();
        if (lifetime is not null) Lives<TKey, TValue>.Checked(lifetime, nameof(lifetime));
        cancellationToken.ThrowIfCancellationRequested();
        var written = _loads.Settlement.Prepare(key, _core.HashOf(key), value, lifetime, tags);
        return _loads.Source is { } source ? new(source.WriteAsync(value, written, lifetime, cancellationToken, skip)) : Waited(_loads.Changes.Write(written, lifetime, skip), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask SetAbsentAsync(TKey key, Lifetime? lifetime = null, CancellationToken cancellationToken = default) => SetAbsentAsync(key, Skip.None, lifetime, cancellationToken);

    internal ValueTask SetAbsentAsync(TKey key, Skip skip, Lifetime? lifetime, CancellationToken cancellationToken)
    {
        ThrowIfNull(key);
        _core.ThrowIfDisposed();
        if (lifetime is not null) Lives<TKey, TValue>.Checked(lifetime, nameof(lifetime));
        cancellationToken.ThrowIfCancellationRequested();
        return Waited(_loads.Changes.Write(_loads.Settlement.PrepareAbsence(key, _core.HashOf(key), lifetime), lifetime, skip), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ThrowIfNull(key);
        _core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        if (_loads.Source is { } source) return source.RemoveAsync(key, _core.HashOf(key), cancellationToken);
        var tried = _loads.Changes.Remove(key, _core.HashOf(key), RemovalCause.Removed, out bool wasServed);
        return tried.IsCompleted ? new(wasServed) : After(Waited(tried, cancellationToken), wasServed);

        static async ValueTask<bool> After(ValueTask tried, bool wasServed)
        {
            await tried.ConfigureAwait(false);
            return wasServed;
        }
    }

    /// <inheritdoc/>
    public ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        if (tag == TagSet.Everything) return ClearAsync(cancellationToken);
        TagSet.Check(tag, nameof(tag));
        _core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        return Waited(_loads.Changes.RemoveTag(tag), cancellationToken);
    }

    /// <summary>Forgets everything. What is being loaded goes to those who wait for it, and is not kept.</summary>
    public ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        _core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        return Waited(_loads.Changes.Clear(RemovalCause.Cleared, onlyOwn: false), cancellationToken);
    }

    /// <summary>
    /// Brings back the writes that an earlier process had acknowledged, and begins to warm the cache as its <see cref="LoadingCacheOptions{TKey, TValue}.Warming"/>
    /// says. Ends when what it begins with is there, or its time is over. After a start that failed or was cancelled, the next call tries again; after one that did not, it does nothing.
    /// </summary>
    public async ValueTask StartAsync(CancellationToken cancellationToken = default)
    {
        _core.ThrowIfDisposed();
        if (_loads.Source is { } source) await source.Writes.StartAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_warmer is not null) await _warmer.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reclaims what is gone, now and not within the second or two that it would take by itself.</summary>
    public void Trim()
    {
        _core.ThrowIfDisposed();
        _core.Trim();
    }

    /// <summary>Starts the statistics anew.</summary>
    public void ResetStatistics() => _totals.Reset();

    /// <summary>
    /// Takes no more calls, gives up the loads under way (who waits for one gets an <see cref="ObjectDisposedException"/>),
    /// and waits until the handler of removals has been told of everything, for 5 seconds at most. Throws what the first threw that could not be closed, when all the others have been.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _measured.Dispose();
        Func<ValueTask>[] all =
        [
            () => _warmer?.DisposeAsync() ?? default,
            () => { _core.Refuse(); return _loads.Source?.Writes.DisposeAsync() ?? default; },
            () => _loads.Coherent?.DisposeAsync() ?? default,
            () => { _loads.Dispose(); return _loads.Tiers?.DisposeAsync() ?? default; },
            () => { _core.Dispose(); return _core.Removals is { } removals ? new(removals.DrainAsync(_patience)) : default; },
        ];
        await Together.EachAsync(all, atOnce: 1, static one => one()).ConfigureAwait(false);
    }

    internal Loads<TKey, TValue> Loads => _loads;

    internal WarmTarget<TKey, TValue> Target => _target;

    internal void CheckIntegrity()
    {
        foreach (var shard in _core.Shards.All) shard.CheckIntegrity();
    }

    private ValueTask<TValue?> GetInFull<TMaker>(TKey key, in TMaker maker, CancellationToken cancellationToken) where TMaker : struct, IFlightMaker<TKey, TValue> =>
        _loads.Results.Value(_loads.Reads.MeetOrLoad(key, maker, cancellationToken));

    private ValueTask<CacheResult<TValue>> Read<TMaker>(TKey key, in TMaker maker, CancellationToken cancellationToken) where TMaker : struct, IFlightMaker<TKey, TValue>
    {
        ThrowIfNull(key);
        return _loads.Results.Result(_loads.Reads.MeetOrLoad(key, maker, cancellationToken));
    }

    // The change has been made; who turns away only waits no longer for the tiers.
    private static ValueTask Waited(Task tried, CancellationToken cancellationToken) => tried.IsCompleted ? default : new(tried.WaitAsync(cancellationToken));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ThrowIfNull(TKey key)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNullKey();
    }

    [DoesNotReturn]
    private static void ThrowNullKey() => throw new ArgumentNullException("key", "A key cannot be null.");
}
