using Larder.Eviction;

namespace Larder.Memory;

/// <summary>
/// One part of a cache: its entries, and the work under way for keys, both under one lock. Readers use the table without it.
/// </summary>
internal sealed class Shard<TKey, TValue> where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly IEqualityComparer<TKey> _comparer;
    private readonly EntryTable<TKey, TValue> _table;
    private readonly Stock<TKey, TValue> _stock; // Guarded by _gate, but for what readers do.
    private Claims<TKey>? _claims; // Guarded by _gate.

    internal Shard(KeyLookup<TKey> keys, EntryTable<TKey, TValue> table, TouchBuffer touches, Population values, Population? absences, IDepartureWatch<TKey, TValue>? removals)
    {
        _comparer = keys.Comparer;
        _table = table;
        _stock = new(keys, table, touches, values, absences, removals);
    }

    /// <summary>Whether any entry ever had a deadline here.</summary>
    internal bool HasDeadlines => _stock.HasDeadlines;

    /// <summary>The search of a reader that met a growing table.</summary>
    internal Entry<TKey, TValue>? FindLocked(TKey key, int hash)
    {
        lock (_gate) return _stock.Find(key, hash);
    }

    /// <summary>Writes a value or an absence. Returns whether the cache may hold too much now, and another shard must give way.</summary>
    internal bool Set(in NewEntry<TKey, TValue> written, long now)
    {
        lock (_gate)
        {
            Supersede(written.Key);
            return _stock.Store(written, now);
        }
    }

    /// <summary>Writes a value that weighs 1 and lives until the deadline, used or not. Returns as <see cref="Set(in NewEntry{TKey, TValue}, long)"/> does.</summary>
    internal bool Set(TKey key, int hash, TValue value, long deadline, long now)
    {
        lock (_gate)
        {
            Supersede(key);
            return !_stock.TryWriteOver(key, hash, value, deadline, now) && _stock.Store(NewEntry<TKey, TValue>.Plain(key, value, hash, deadline), now);
        }
    }

    /// <summary>Writes only over a live value. Returns whether there was one.</summary>
    internal bool Update(in NewEntry<TKey, TValue> written, long now, out bool mustRelieve)
    {
        lock (_gate)
        {
            mustRelieve = false;
            if (_stock.Find(written.Key, written.Hash) is not { } entry || now >= entry.Deadline) return false;
            Supersede(written.Key);
            mustRelieve = _stock.Store(written, now);
            return true;
        }
    }

    /// <summary>Removes the key, or what is remembered of its absence. Returns whether it had a live value, and which.</summary>
    internal bool Remove(TKey key, int hash, RemovalCause cause, long now, out TValue? value)
    {
        lock (_gate)
        {
            Supersede(key);
            _stock.Maintain(now);
            _stock.Publish();
            value = default;
            if (_stock.Find(key, hash) is not { } entry) return false;
            bool isAlive = now < entry.Deadline;
            if (isAlive) value = entry.Value;
            _stock.Drop(entry, now >= entry.ExpiresAt ? RemovalCause.Expired : cause);
            _stock.Publish();
            return isAlive;
        }
    }

    /// <summary>Takes an entry out, if it is still there. Work under way for its key goes on.</summary>
    internal void Drop(Entry<TKey, TValue> entry, RemovalCause cause, long now)
    {
        lock (_gate)
        {
            if (_stock.Find(entry.Key, entry.Hash) != entry) return;
            _stock.Drop(entry, now >= entry.ExpiresAt ? RemovalCause.Expired : cause);
            _stock.Publish();
        }
    }

    /// <summary>Forgets everything, the factories at work included: what they bring is not stored.</summary>
    internal void Clear(RemovalCause cause, long now)
    {
        lock (_gate)
        {
            _claims?.SupersedeAll();
            _stock.Clear(cause, now);
            _stock.Publish();
        }
    }

    /// <summary>
    /// For a caller that found no live value: the value, if one has come meanwhile; else the factory at work for the key,
    /// or a new one that the caller is to lead.
    /// </summary>
    internal Flight<TValue>? Enter<TMaker>(TKey key, int hash, long now, in TMaker maker, out bool leads, out TValue? value) where TMaker : IClaimMaker
    {
        lock (_gate)
        {
            leads = false;
            value = default;
            if (_stock.Find(key, hash) is { } entry && now < entry.Deadline)
            {
                value = entry.Value;
                return null;
            }

            return FlightOf(key, maker, out leads);
        }
    }

    /// <summary>As <c>Enter</c>, for a caller that changes what is there: the caller leads whatever there is, or waits.</summary>
    internal Flight<TValue> EnterToChange(TKey key, int hash, long now, out bool leads, out bool exists, out TValue? value)
    {
        lock (_gate)
        {
            var entry = _stock.Find(key, hash);
            exists = entry is not null && now < entry.Deadline;
            value = exists ? entry!.Value : default;
            return FlightOf(key, new Flight<TValue>.Maker(), out leads);
        }
    }

    /// <summary>Ends work by storing what it brought, unless that is superseded. Returns whether it was stored.</summary>
    internal bool Commit(Claim claim, in NewEntry<TKey, TValue> written, long now, out bool mustRelieve)
    {
        lock (_gate)
        {
            mustRelieve = false;
            if (claim.IsSuperseded) return false;
            _claims!.Fulfil(written.Key, claim);
            mustRelieve = _stock.Store(written, now);
            return true;
        }
    }

    /// <summary>All work under way.</summary>
    internal List<Claim> Claimed()
    {
        lock (_gate) return _claims?.ToList() ?? [];
    }

    /// <summary>What there is work under way for.</summary>
    internal TKey[] ClaimedKeys()
    {
        lock (_gate) return _claims?.Keys() ?? [];
    }

    internal int ClaimCount
    {
        get
        {
            lock (_gate) return _claims?.Count ?? 0;
        }
    }

    /// <summary>Ends work that brought nothing to store.</summary>
    internal void Abandon(Claim claim, TKey key)
    {
        lock (_gate) _claims!.Release(key, claim);
    }

    /// <summary>Ends work whose result is stored elsewhere alone. Returns whether it may be: nothing was written or removed since it began.</summary>
    internal bool Retire(Claim claim, TKey key)
    {
        lock (_gate)
        {
            if (claim.IsSuperseded) return false;
            _claims!.Release(key, claim);
            return true;
        }
    }

    /// <summary>Ends work by removing what is there, or only <paramref name="seen"/>, unless the key was written since.</summary>
    internal bool AbandonAndDrop(Claim claim, TKey key, int hash, Entry<TKey, TValue>? seen, RemovalCause cause, long now)
    {
        lock (_gate)
        {
            if (claim.IsSuperseded) return false;
            _claims!.Fulfil(key, claim);
            bool isStill = _stock.Find(key, hash) is var entry && (seen is null || entry == seen);
            if (isStill && entry is not null) _stock.Drop(entry, now >= entry.ExpiresAt ? RemovalCause.Expired : cause);
            _stock.Publish();
            return isStill;
        }
    }

    /// <summary>
    /// For a caller that found <paramref name="seen"/> (null: nothing) and wants better. If that is still what is there:
    /// the work under way for the key that will do, or new work, which the caller is to lead. Else null, and what is there now.
    /// </summary>
    internal Claim? Enlist<TMaker>(TKey key, int hash, Entry<TKey, TValue>? seen, in TMaker maker, out Entry<TKey, TValue>? current, out bool isNew) where TMaker : IClaimMaker
    {
        lock (_gate)
        {
            isNew = false;
            current = _stock.Find(key, hash);
            return ReferenceEquals(current, seen) ? (_claims ??= new(_comparer)).Enlist(key, maker, out isNew) : null;
        }
    }

    /// <summary>Makes room for another shard: evicts one entry, if the whole cache still holds too much. Returns whether it did.</summary>
    internal bool Relieve(bool ofAbsences)
    {
        lock (_gate)
        {
            bool relieved = _stock.Relieve(ofAbsences);
            _stock.Publish();
            return relieved;
        }
    }

    /// <summary>Evicts one value of this rank or a lower one, though there is room. Returns whether there was one that may leave.</summary>
    internal bool TryEvict(Rank rank)
    {
        lock (_gate)
        {
            bool evicted = _stock.TryEvict(rank);
            _stock.Publish();
            return evicted;
        }
    }

    /// <summary>Reclaims at most so many expired entries. Returns whether none is left.</summary>
    internal bool Trim(long now, int budget)
    {
        lock (_gate)
        {
            _stock.DrainTouches(clears: true);
            bool isDone = _stock.Expire(now, budget);
            _stock.Publish();
            return isDone;
        }
    }

    /// <summary>Follows a changed capacity.</summary>
    internal void Resize()
    {
        lock (_gate)
        {
            _stock.Resize();
            _stock.Publish();
        }
    }

    /// <summary>How many values are alive at this moment.</summary>
    internal int LiveCount(long now)
    {
        lock (_gate)
        {
            _stock.Expire(now, int.MaxValue, exactly: true);
            _stock.Publish();
            return _stock.Values;
        }
    }

    internal uint Visit(uint cursor, List<Entry<TKey, TValue>> into)
    {
        lock (_gate) return _table.Visit(cursor, into);
    }

    internal void AddTo(ShardTotals totals)
    {
        lock (_gate) _stock.AddTo(totals);
    }

    /// <summary>Throws unless table, policies and wheel hold the same entries.</summary>
    internal void CheckIntegrity()
    {
        lock (_gate) _stock.CheckIntegrity();
    }

    private Flight<TValue> FlightOf<TMaker>(TKey key, in TMaker maker, out bool leads) where TMaker : IClaimMaker =>
        (Flight<TValue>)(_claims ??= new(_comparer)).Enlist(key, maker, out leads);

    private void Supersede(TKey key) => _claims?.Supersede(key);
}
