using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Larder.Advising;
using Larder.Observability;

namespace Larder.Memory;

/// <summary>The engine under <see cref="Cache{TKey, TValue}"/>: finds the shard, reads without a lock, decides what a write is before the shard is locked.</summary>
internal sealed class MemoryCore<TKey, TValue> : Reclaimer.ITrimmed, IDisposable where TKey : notnull
{
    private readonly ShardSet<TKey, TValue> _shards;

    // The shards' buckets, for caches where the short hit path will do: keys with their own equality, the system's clock,
    // and no more to do on a hit than to mark.
    private HitTables<TKey, TValue> _hitTables = new();
    private readonly KeyLookup<TKey> _keys;
    private readonly CacheClock _clock;
    private ReadCounters _reads = new();
    private readonly Func<TValue, TValue>? _copyOnRead;

    // What a mark counts up to, and no reader goes beyond.
    private readonly int _usesWanted;

    // Whether a hit has more to do than to mark: to copy, or to prolong a life. Only ever set.
    private volatile bool _hitsDoMore;

    private volatile bool _isDisposed;
    private readonly string _name;
    private readonly Drafts<TKey, TValue> _drafts;
    private readonly Reclaimer _reclaimer;

    /// <param name="options">How it behaves.</param>
    /// <param name="name">What its users know the cache by.</param>
    /// <param name="watch">Who is told of removals; null for the options' handler.</param>
    internal MemoryCore(CacheOptions<TKey, TValue> options, string name, IDepartureWatch<TKey, TValue>? watch = null)
    {
        _name = name;
        _clock = new(options.TimeProvider);
        _drafts = new(options);
        _copyOnRead = options.Copy.OnRead;
        _hitsDoMore = _copyOnRead is not null || _drafts.HasIdle;
        _keys = new(options.Shards.Hash is { } hash ? new HashedComparer<TKey>(hash, options.Comparer) : options.Comparer, ShardSet<TKey, TValue>.CountFor(options));
        watch ??= options.Removed is { } handler ? new RemovalQueue<TKey, TValue>(handler, options.Logger) : null;
        Removals = watch as RemovalQueue<TKey, TValue>;
        _shards = new(options, _keys, watch, (shard, shards, buckets) => _hitTables.Publish(shard, shards, buckets), () => _reads.Sum());
        _usesWanted = _shards.UsesWanted;
        if (!_keys.IsPlain || !_clock.IsCoarse || _hitsDoMore) _hitTables.Close();
        _reclaimer = new(this, options.TimeProvider, options.Logger);
    }

    internal RemovalQueue<TKey, TValue>? Removals { get; }

    internal long Now => _clock.Now;

    internal ShardSet<TKey, TValue> Shards => _shards;

    internal IEqualityComparer<TKey> Comparer => _keys.Comparer;
    internal KeyLookup<TKey> Keys => _keys;
    internal ref HitTables<TKey, TValue> HitTables => ref _hitTables;

    /// <summary>A read that counts as a use. This is the hit path: everything that is not needed by a hit is elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        // A value type's own hash does no harm where a comparer is to be used, for there is nothing in the tables then.
        if (!typeof(TKey).IsValueType && !_keys.IsPlain) return TryGetInFull(key, out value);

        // First of all, for then the processor's check of this one load is the check that there is an engine.
        int usesWanted = _usesWanted;
        int hash = KeyLookup<TKey>.PlainHash(key, _keys.Factor);
        for (var entry = EntryTable<TKey, TValue>.First(_hitTables.For(hash), hash); entry is not null; entry = Volatile.Read(ref entry.Next))
        {
            if (!KeyLookup<TKey>.PlainEqual(entry.Key, key)) continue;
            if (CoarseClock.Now >= Volatile.Read(ref entry.Deadline) || !_reads.TryAddHit()) break;
            value = entry.Mark < usesWanted ? TouchAndRead(entry) : entry.Value;
            return true;
        }

        return TryGetInFull(key, out value);
    }

    // What the hit path does not do: any comparer, any clock, misses, hits that do more. Counts what it meets.
    private bool TryGetInFull(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (FindInFull(key) is { } found)
        {
            value = _hitsDoMore ? FinishHit(found, found.Value) : found.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>As <see cref="TryGet(TKey, out TValue)"/>, telling an absence from a miss.</summary>
    internal ReadStatus Read(TKey key, out TValue? value)
    {
        int hash = _keys.Hash(key);
        return Use(Find(key, hash), hash, out value);
    }

    /// <summary>A read without side effects.</summary>
    internal bool TryPeek(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        ThrowIfDisposed();
        value = default;
        if (Find(key, _keys.Hash(key)) is not { } entry || Now >= Volatile.Read(ref entry.Deadline)) return false;
        value = ForReader(entry.Value);
        return true;
    }

    internal bool Contains(TKey key)
    {
        ThrowIfDisposed();
        return Find(key, _keys.Hash(key)) is { } entry && Now < Volatile.Read(ref entry.Deadline);
    }

    internal TValue ForReader(TValue value) => _copyOnRead is null ? value : _copyOnRead(value);

    internal int HashOf(TKey key) => _keys.Hash(key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Shard<TKey, TValue> ShardOf(int hash) => _shards.Of(hash);

    /// <summary>Runs the users' functions over a value to be written: the copier, the weigher, the lifetime's.</summary>
    internal NewEntry<TKey, TValue> Prepare(TKey key, int hash, TValue value, Lifetime? lifetime, long? weight)
    {
        ThrowIfDisposed();
        return Ready(_drafts.ForValue(key, hash, value, lifetime, weight, Now));
    }

    internal NewEntry<TKey, TValue> PrepareAbsence(TKey key, int hash, Lifetime? lifetime)
    {
        ThrowIfDisposed();
        return Ready(_drafts.ForAbsence(key, hash, lifetime, Now));
    }

    /// <summary>Writes a value of which nothing more is said.</summary>
    internal void Set(TKey key, TValue value)
    {
        int hash = _keys.Hash(key);
        long now = Now;
        if (!_drafts.ArePlain(now, out long deadline)) Set(Prepare(key, hash, value, null, null));
        else
        {
            ThrowIfDisposed();
            if (ShardOf(hash).Set(key, hash, value, deadline, now)) _shards.Relieve(hash);
        }
    }

    internal void Set(in NewEntry<TKey, TValue> written)
    {
        if (ShardOf(written.Hash).Set(written, Now)) _shards.Relieve(written.Hash);
    }

    internal bool Update(in NewEntry<TKey, TValue> written)
    {
        bool updated = ShardOf(written.Hash).Update(written, Now, out bool mustRelieve);
        if (mustRelieve) _shards.Relieve(written.Hash);
        return updated;
    }

    internal bool Commit(Claim claim, in NewEntry<TKey, TValue> written)
    {
        bool stored = ShardOf(written.Hash).Commit(claim, written, Now, out bool mustRelieve);
        if (mustRelieve) _shards.Relieve(written.Hash);
        return stored;
    }

    internal void Resize(long capacity)
    {
        ThrowIfDisposed();
        _shards.Resize(capacity);
    }

    internal ref ReadCounters Reads => ref _reads;

    /// <summary>Reclaims what has expired.</summary>
    internal void Trim() => _shards.Trim(() => Now, () => _isDisposed);

    void Reclaimer.ITrimmed.Trim()
    {
        Trim();
        _shards.Advise(); // Here alone: it may call policies of the user's own, which must not harm who calls the cache.
    }

    /// <summary>From now on every call throws that asks for it.</summary>
    internal void Refuse()
    {
        _isDisposed = true;
        _hitTables.Close();
    }

    public void Dispose()
    {
        Refuse();
        _reclaimer.Dispose();
        _shards.Clear(RemovalCause.Cleared, Now);
    }

    internal void ThrowIfDisposed() => Disposal.ThrowIf(_isDisposed, _name);

    private NewEntry<TKey, TValue> Ready(in NewEntry<TKey, TValue> written)
    {
        if (written.Idle != 0) ProlongOnHits();
        return written;
    }

    /// <summary>
    /// The entry of the key, for a reader that judges by itself how old it may be, and that marks and counts by itself.
    /// Null: not there, or not for the short path; then <see cref="Find"/> tells.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Entry<TKey, TValue>? FindQuickly(TKey key)
    {
        if (!typeof(TKey).IsValueType && !_keys.IsPlain) return null;
        int hash = KeyLookup<TKey>.PlainHash(key, _keys.Factor);
        var entry = EntryTable<TKey, TValue>.First(_hitTables.For(hash), hash);
        while (entry is not null && !KeyLookup<TKey>.PlainEqual(entry.Key, key)) entry = Volatile.Read(ref entry.Next);
        return entry;
    }

    /// <summary>The entry was used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void MarkUsed(Entry<TKey, TValue> entry)
    {
        if (entry.Mark < _usesWanted) Touch(entry, KeyEvent.Hit);
    }

    /// <summary>An entry was used on the long path: it is marked, and lives on if it lives by being used.</summary>
    internal void Use(Entry<TKey, TValue> entry, KeyEvent what = KeyEvent.Hit)
    {
        if (entry.Mark < _usesWanted) Touch(entry, what);
        if (_hitsDoMore && entry is RichEntry<TKey, TValue> rich) rich.Prolong(Now);
    }

    /// <summary>There are entries that live by being used, from now on: no hit takes the short path.</summary>
    internal void ProlongOnHits()
    {
        if (_hitsDoMore) return;
        _hitsDoMore = true;
        _hitTables.Close();
    }

    internal Entry<TKey, TValue>? Find(TKey key, int hash)
    {
        var table = _shards.TableOf(hash);
        var buckets = table.Buckets;
        var entry = EntryTable<TKey, TValue>.First(buckets, hash);
        while (entry is not null && !_keys.Equal(entry.Key, key)) entry = Volatile.Read(ref entry.Next);
        return entry is not null || table.IsSettled(buckets) ? entry : ShardOf(hash).FindLocked(key, hash);
    }

    internal ReadStatus Use(Entry<TKey, TValue>? entry, int hash, out TValue? value)
    {
        var status = Meet(entry, hash);
        value = status != ReadStatus.Hit ? default : _hitsDoMore ? FinishHit(entry!, entry!.Value) : entry!.Value;
        return status;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Entry<TKey, TValue>? FindInFull(TKey key)
    {
        int hash = _keys.Hash(key);
        var entry = Find(key, hash);
        return Meet(entry, hash) == ReadStatus.Hit ? entry : null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Touch(Entry<TKey, TValue> entry, KeyEvent what) => _shards.TouchesOf(entry.Hash).Touch(entry, what);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TValue TouchAndRead(Entry<TKey, TValue> entry)
    {
        _shards.TouchesOf(entry.Hash).Touch(entry, KeyEvent.Hit);
        return entry.Value;
    }

    // Counts a read, and marks what it met as used.
    private ReadStatus Meet(Entry<TKey, TValue>? entry, int hash)
    {
        if (entry is not null && Now < entry.ExpiresAt)
        {
            MarkUsed(entry);
            return _reads.Add(entry.IsAbsent ? ReadStatus.Absent : ReadStatus.Hit);
        }

        ThrowIfDisposed();
        _reads.AddMiss();
        _shards.Advisor?.HearMiss(hash, entry is not null);
        return ReadStatus.Miss;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TValue FinishHit(Entry<TKey, TValue> entry, TValue value)
    {
        if (entry is RichEntry<TKey, TValue> rich) rich.Prolong(Now);
        return ForReader(value);
    }
}
