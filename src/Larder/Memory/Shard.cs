using Larder.Expiry;

namespace Larder.Memory;

/// <summary>
/// One part of a cache: a table, the policies over its entries, a timing wheel and the factories at work, all written
/// under one lock. Readers use the table without it.
/// </summary>
/// <remarks>
/// Invariant, outside the lock: an entry is in the table exactly when it is in the policy of its population, and in the
/// wheel if it has a deadline.
/// </remarks>
internal sealed class Shard<TKey, TValue> where TKey : notnull
{
    // What a writer does for others at most, before it goes its way.
    private const int ExpiredPerWrite = 64;

    private readonly Lock _gate = new();
    private readonly KeyLookup<TKey> _keys;
    private readonly RemovalQueue<TKey, TValue>? _removals;

    // Everything below is guarded by _gate, but for the table's readers and the buffer's.
    private readonly Population _values;
    private readonly Population? _absences;
    private readonly TouchBuffer _touches = new();
    private readonly List<TimedNode> _expired = [];
    private readonly long[] _removed = new long[CacheStatistics.RemovalCounts];
    private TimingWheel? _wheel;
    private Claims<TKey>? _claims;
    private int _absent;
    private long _sets;
    private long _refused;

    internal Shard(KeyLookup<TKey> keys, Population values, Population? absences, RemovalQueue<TKey, TValue>? removals, Action<EntryTable<TKey, TValue>.Bucket[]>? publish)
    {
        Table = new(publish);
        _keys = keys;
        _values = values;
        _absences = absences;
        _removals = removals;
    }

    internal EntryTable<TKey, TValue> Table { get; }

    /// <summary>Whether any entry ever had a deadline here.</summary>
    internal bool HasDeadlines => Volatile.Read(ref _wheel) is not null;

    /// <summary>A reader or a writer met an entry whose mark is not full.</summary>
    internal void Touch(EvictionNode node)
    {
        if (node.Mark >= 0)
        {
            node.Mark++;
            return;
        }

        node.Mark = EvictionNode.Recorded;
        _touches.Push(node);
    }

    /// <summary>The search of a reader that met a growing table.</summary>
    internal Entry<TKey, TValue>? FindLocked(TKey key, int hash)
    {
        lock (_gate) return Find(key, hash);
    }

    /// <summary>Writes a value or an absence. Returns whether the cache may hold too much now, and another shard must give way.</summary>
    internal bool Set(in NewEntry<TKey, TValue> written, long now)
    {
        lock (_gate)
        {
            Supersede(written.Key);
            return Store(written, now);
        }
    }

    /// <summary>Writes only over a live value. Returns whether there was one.</summary>
    internal bool Update(in NewEntry<TKey, TValue> written, long now, out bool mustRelieve)
    {
        lock (_gate)
        {
            mustRelieve = false;
            if (Find(written.Key, written.Hash) is not { } entry || now >= entry.Deadline) return false;
            Supersede(written.Key);
            mustRelieve = Store(written, now);
            return true;
        }
    }

    /// <summary>Removes the key, or what is remembered of its absence. Returns whether it had a live value, and which.</summary>
    internal bool Remove(TKey key, int hash, RemovalCause cause, long now, out TValue? value)
    {
        lock (_gate)
        {
            Supersede(key);
            Maintain(now);
            Publish();
            value = default;
            if (Find(key, hash) is not { } entry) return false;
            bool isAlive = now < entry.Deadline;
            if (isAlive) value = entry.Value;
            Drop(entry, now >= entry.ExpiresAt ? RemovalCause.Expired : cause);
            Publish();
            return isAlive;
        }
    }

    /// <summary>Forgets everything, the factories at work included: what they bring is not stored.</summary>
    internal void Clear(RemovalCause cause, long now)
    {
        lock (_gate)
        {
            _claims?.SupersedeAll();
            foreach (var entry in Table.Clear()) Forget(entry, now >= entry.ExpiresAt ? RemovalCause.Expired : cause);
            Publish();
        }
    }

    /// <summary>
    /// For a caller that found no live value: the value, if one has come meanwhile; else the factory at work for the key,
    /// or a new one that the caller is to lead.
    /// </summary>
    internal Flight<TValue>? Enter(TKey key, int hash, long now, out bool leads, out TValue? value)
    {
        lock (_gate)
        {
            leads = false;
            value = default;
            if (Find(key, hash) is { } entry && now < entry.Deadline)
            {
                value = entry.Value;
                return null;
            }

            return FlightOf(key, out leads);
        }
    }

    /// <summary>As <see cref="Enter"/>, for a caller that changes what is there: the caller leads whatever there is, or waits.</summary>
    internal Flight<TValue> EnterToChange(TKey key, int hash, long now, out bool leads, out bool exists, out TValue? value)
    {
        lock (_gate)
        {
            var entry = Find(key, hash);
            exists = entry is not null && now < entry.Deadline;
            value = exists ? entry!.Value : default;
            return FlightOf(key, out leads);
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
            mustRelieve = Store(written, now);
            return true;
        }
    }

    /// <summary>All work under way.</summary>
    internal List<Claim> Claimed()
    {
        lock (_gate) return _claims?.ToList() ?? [];
    }

    /// <summary>Ends work that brought nothing to store.</summary>
    internal void Abandon(Claim claim, TKey key)
    {
        lock (_gate) _claims!.Release(key, claim);
    }

    /// <summary>Ends work by removing what is there, or only <paramref name="seen"/>, unless the key was written since.</summary>
    internal void AbandonAndDrop(Claim claim, TKey key, int hash, Entry<TKey, TValue>? seen, RemovalCause cause, long now)
    {
        lock (_gate)
        {
            if (claim.IsSuperseded) return;
            _claims!.Fulfil(key, claim);
            if (Find(key, hash) is { } entry && (seen is null || entry == seen)) Drop(entry, now >= entry.ExpiresAt ? RemovalCause.Expired : cause);
            Publish();
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
            current = Find(key, hash);
            return ReferenceEquals(current, seen) ? (_claims ??= new(_keys.Comparer)).Enlist(key, maker, out isNew) : null;
        }
    }

    /// <summary>Makes room for another shard: evicts one entry, if the whole cache still holds too much. Returns whether it did.</summary>
    internal bool Relieve(bool ofAbsences)
    {
        lock (_gate)
        {
            var population = PopulationFor(ofAbsences);
            if (!population.CanRelieve) return false;
            DrainTouches();
            EvictFrom(population);
            Publish();
            return true;
        }
    }

    /// <summary>Reclaims at most so many expired entries. Returns whether none is left.</summary>
    internal bool Trim(long now, int budget)
    {
        lock (_gate)
        {
            DrainTouches();
            bool isDone = Expire(now, budget);
            Publish();
            return isDone;
        }
    }

    /// <summary>Follows a changed capacity.</summary>
    internal void Resize()
    {
        lock (_gate)
        {
            DrainTouches();
            _values.Resize();
            _absences?.Resize();
            MakeRoom(_values);
            if (_absences is not null) MakeRoom(_absences);
            Publish();
        }
    }

    /// <summary>How many values are alive at this moment.</summary>
    internal int LiveCount(long now)
    {
        lock (_gate)
        {
            Expire(now, int.MaxValue, exactly: true);
            Publish();
            return Table.Count - _absent;
        }
    }

    internal uint Visit(uint cursor, List<Entry<TKey, TValue>> into)
    {
        lock (_gate) return Table.Visit(cursor, into);
    }

    internal void AddTo(ShardTotals totals)
    {
        lock (_gate)
        {
            totals.Sets += _sets;
            totals.Refused += _refused;
            for (int i = 0; i < _removed.Length; i++) totals.Removals[i] += _removed[i];
        }
    }

    /// <summary>Throws unless table, policies and wheel hold the same entries.</summary>
    internal void CheckIntegrity()
    {
        lock (_gate)
        {
            var all = Table.All().ToList();
            Check(all.Count == Table.Count, "the table's count");
            Check(all.Count == _values.Count + (_absences?.Count ?? 0), "the populations' counts");
            Check(all.Count(e => e.IsAbsent) == _absent, "the count of absences");
            foreach (var group in all.GroupBy(PopulationOf))
                Check(group.Sum(e => e.Weight) == group.Key.Weight, "a population's weight");
            Check(all.Count(e => e.WheelNext is not null) == (_wheel?.Count ?? 0), "the wheel's count");
            Check(all.All(e => e.WheelNext is not null || e.ExpiresAt == TimedNode.Never), "the wheel's entries");
            Check(all.All(e => e.Newer is not null && e.Older is not null), "the policies' entries");
        }

        static void Check(bool holds, string what)
        {
            if (!holds) throw new InvalidOperationException($"Not as it must be: {what}.");
        }
    }

    private Population PopulationOf(EvictionNode node) => PopulationFor(((TimedNode)node).IsAbsent);

    private Population PopulationFor(bool isAbsent) => isAbsent && _absences is { } absences ? absences : _values;

    private Entry<TKey, TValue>? Find(TKey key, int hash)
    {
        var entry = EntryTable<TKey, TValue>.First(Table.Buckets, hash);
        while (entry is not null && !(entry.Hash == hash && _keys.Equal(entry.Key, key))) entry = entry.Next;
        return entry;
    }

    private Flight<TValue> FlightOf(TKey key, out bool leads) =>
        (Flight<TValue>)(_claims ??= new(_keys.Comparer)).Enlist(key, new Flight<TValue>.Maker(), out leads);

    private void Supersede(TKey key) => _claims?.Supersede(key);

    private bool Store(in NewEntry<TKey, TValue> written, long now)
    {
        Maintain(now);
        var existing = Find(written.Key, written.Hash);
        var population = PopulationFor(written.IsAbsent);
        if (population.Refuses(written.Weight))
        {
            _refused++;
            if (existing is not null) Drop(existing, now >= existing.ExpiresAt ? RemovalCause.Expired : RemovalCause.Evicted);
            return Publish();
        }

        _sets++;
        if (existing is null) Insert(written.ToEntry(), population);
        else Overwrite(existing, written, population, now);
        MakeRoom(population);
        return Publish();
    }

    private void Insert(Entry<TKey, TValue> entry, Population population)
    {
        DrainTouches();
        Table.Add(entry);
        Schedule(entry, sooner: true);
        if (entry.IsAbsent) _absent++;
        population.Add(entry);
    }

    private void Overwrite(Entry<TKey, TValue> existing, in NewEntry<TKey, TValue> written, Population population, long now)
    {
        var cause = now >= existing.ExpiresAt ? RemovalCause.Expired : RemovalCause.Replaced;
        Report(existing, cause);
        bool changesKind = existing.IsAbsent != written.IsAbsent;
        if (Entry<TKey, TValue>.ValueIsAtomic && !changesKind && !written.IsRich && existing is not RichEntry<TKey, TValue>)
        {
            long deadline = written.IsAbsent ? ~written.Deadline : written.Deadline;
            bool sooner = written.Deadline < existing.ExpiresAt;
            existing.Value = written.Value;
            Volatile.Write(ref existing.Deadline, deadline);
            if (sooner || existing.WheelNext is null) Schedule(existing, sooner);
            if (existing.Mark < population.Policy.UsesWanted) Touch(existing);
            return;
        }

        var by = written.ToEntry();
        Table.Replace(existing, by);
        _wheel?.Remove(existing);
        Schedule(by, sooner: true);
        if (changesKind) _absent += by.IsAbsent ? 1 : -1;
        var before = PopulationOf(existing);
        if (before == population)
        {
            population.Replace(existing, by);
            if (by.Mark < population.Policy.UsesWanted) Touch(by);
        }
        else
        {
            before.Remove(existing);
            population.Add(by);
        }
    }

    private void Schedule(Entry<TKey, TValue> entry, bool sooner)
    {
        if (_wheel is null)
        {
            if (entry.ExpiresAt == TimedNode.Never) return;
            Volatile.Write(ref _wheel, new TimingWheel(0));
        }

        _wheel!.Schedule(entry, sooner);
    }

    private void MakeRoom(Population population)
    {
        while (population.IsOverfull) EvictFrom(population);
    }

    private void EvictFrom(Population population)
    {
        var victim = (Entry<TKey, TValue>)population.Evict();
        Table.Remove(victim);
        Leave(victim, RemovalCause.Evicted);
    }

    // Takes an entry out for another reason than eviction.
    private void Drop(Entry<TKey, TValue> entry, RemovalCause cause)
    {
        Table.Remove(entry);
        Forget(entry, cause);
    }

    private void Forget(Entry<TKey, TValue> entry, RemovalCause cause)
    {
        PopulationOf(entry).Remove(entry);
        Leave(entry, cause);
    }

    private void Leave(Entry<TKey, TValue> entry, RemovalCause cause)
    {
        _wheel?.Remove(entry);
        if (entry.IsAbsent) _absent--;
        Report(entry, cause);
    }

    private void Report(Entry<TKey, TValue> entry, RemovalCause cause)
    {
        _removed[(int)cause]++;
        if (_removals is null) return;
        bool isAbsent = entry.IsAbsent;
        _removals.Add(new(entry.Key, isAbsent ? default : entry.Value, cause, isAbsent));
    }

    private void Maintain(long now)
    {
        if (_wheel is { } wheel && wheel.IsDue(now)) Expire(now, ExpiredPerWrite);
    }

    private bool Expire(long now, int budget, bool exactly = false)
    {
        if (_wheel is null) return true;
        bool isDone = _wheel.CollectExpired(now, budget, _expired, exactly);
        foreach (var node in _expired) Drop((Entry<TKey, TValue>)node, RemovalCause.Expired);
        _expired.Clear();
        return isDone;
    }

    private void DrainTouches()
    {
        foreach (var node in _touches.Drain())
        {
            // One seen twice has been reported already, and one that left its table is no longer the policy's.
            if (node is not Entry<TKey, TValue> { Mark: EvictionNode.Recorded } entry || !Table.Holds(entry)) continue;
            entry.Mark = EvictionNode.Unrecorded;
            PopulationOf(entry).Policy.OnTouch(entry);
        }

        _touches.Reset();
    }

    // Makes the weights known to the other shards. Returns whether the sum may be too much.
    private bool Publish()
    {
        bool mustRelieve = _values.Publish();
        return (_absences?.Publish() ?? false) || mustRelieve;
    }
}
