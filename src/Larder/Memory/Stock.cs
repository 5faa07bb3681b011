using Larder.Advising;
using Larder.Eviction;
using Larder.Expiry;

namespace Larder.Memory;

/// <summary>
/// The entries of one shard: in its table, among those that compete for the capacity, and in its timing wheel. Knows what
/// follows from a write, and from there being too much; guarded by the shard's lock but for the table's readers and the
/// buffer's.
/// </summary>
/// <remarks>
/// Invariant, between two calls: an entry is in the table exactly when it is in the policy of its population, and in the
/// wheel if it has a deadline.
/// </remarks>
internal sealed class Stock<TKey, TValue> where TKey : notnull
{
    // What a writer does for others at most, before it goes its way.
    private const int ExpiredPerWrite = 64;

    private readonly KeyLookup<TKey> _keys;
    private readonly EntryTable<TKey, TValue> _table;
    private readonly Departures<TKey, TValue> _departures;
    private readonly Population _values;
    private readonly Population? _absences;
    private readonly TouchBuffer _touches;
    private readonly List<TimedNode> _expired = [];
    private TimingWheel? _wheel;
    private int _count;
    private int _absent;

    // Whether there may be a RichEntry. Only ever set: it spares the others a look at what they are.
    private bool _hasRich;

    // Whether all overwrites of plain entries are the same: in place, and nobody to tell.
    private readonly bool _overwritesAreAlike;
    private long _sets;
    private long _refused;

    internal Stock(KeyLookup<TKey> keys, EntryTable<TKey, TValue> table, TouchBuffer touches, Population values, Population? absences, IDepartureWatch<TKey, TValue>? removals)
    {
        _keys = keys;
        _table = table;
        _touches = touches;
        _values = values;
        _absences = absences;
        _departures = new(removals);
        _overwritesAreAlike = Entry<TKey, TValue>.ValueIsAtomic && removals is null;
    }

    /// <summary>Whether any entry ever had a deadline here.</summary>
    internal bool HasDeadlines => Volatile.Read(ref _wheel) is not null;

    /// <summary>How many values there are.</summary>
    internal int Values => _count - _absent;

    private Population PopulationOf(EvictionNode node) => PopulationFor(((TimedNode)node).IsAbsent);

    private Population PopulationFor(bool isAbsent) => isAbsent && _absences is { } absences ? absences : _values;

    internal Entry<TKey, TValue>? Find(TKey key, int hash)
    {
        var entry = EntryTable<TKey, TValue>.First(_table.Buckets, hash);
        while (entry is not null && !(entry.Hash == hash && _keys.Equal(entry.Key, key))) entry = entry.Next;
        return entry;
    }

    /// <summary>The short path of a write: over a live value, in place. Returns whether it was that; else nothing has been done, and <see cref="Store"/> is to.</summary>
    internal bool TryWriteOver(TKey key, int hash, TValue value, long deadline, long now)
    {
        if (!_overwritesAreAlike || _hasRich || (_wheel is { } wheel && wheel.IsDue(now))) return false;

        // The deadline of an absence is below zero, and so behind.
        if (Find(key, hash) is not { } existing || now >= existing.Deadline) return false;
        _sets++;
        _departures.Count(RemovalCause.Replaced);
        Renew(existing, value, deadline, existing.Deadline, _values);
        return true;
    }

    internal bool Store(in NewEntry<TKey, TValue> written, long now)
    {
        var population = PopulationFor(written.IsAbsent);
        population.Expect(written.Hash);
        bool reclaimed = Maintain(now);
        var existing = Find(written.Key, written.Hash);
        if (existing is not null && CanBeWrittenOver(existing, written))
        {
            _sets++;
            WriteOver(existing, written, population, now);
            return reclaimed && Publish();
        }

        if (population.Refuses(written.Weight))
        {
            _refused++;
            _departures.Refuse(written);
            if (existing is not null) Drop(existing, now >= existing.ExpiresAt ? RemovalCause.Expired : RemovalCause.Evicted);
            return Publish();
        }

        while (population.Overflows(written.Weight) && Evict(population)) existing = Find(written.Key, written.Hash);
        _sets++;
        _hasRich |= written.IsRich;
        if (existing is null) Insert(written.ToEntry(), population);
        else Replace(existing, written, population, now);
        MakeRoom(population);
        return Publish();
    }

    private void Insert(Entry<TKey, TValue> entry, Population population)
    {
        DrainTouches();
        _table.Add(entry, _count++);
        Schedule(entry, sooner: true);
        if (entry.IsAbsent) _absent++;
        population.Add(entry);
    }

    private bool CanBeWrittenOver(Entry<TKey, TValue> existing, in NewEntry<TKey, TValue> written) =>
        Entry<TKey, TValue>.ValueIsAtomic && existing.IsAbsent == written.IsAbsent && !written.IsRich
        && !(_hasRich && existing is RichEntry<TKey, TValue>);

    // In place: weights and the policy's order stay as they are.
    private void WriteOver(Entry<TKey, TValue> existing, in NewEntry<TKey, TValue> written, Population population, long now)
    {
        long before = existing.ExpiresAt;
        _departures.Report(existing, now >= before ? RemovalCause.Expired : RemovalCause.Replaced);
        Renew(existing, written.Value, written.IsAbsent ? ~written.Deadline : written.Deadline, before, population);
    }

    private void Renew(Entry<TKey, TValue> existing, TValue value, long deadline, long before, Population population)
    {
        existing.Value = value;
        Volatile.Write(ref existing.Deadline, deadline);

        // What had a deadline is in the wheel already, and a later one is seen to when it is met there.
        if (existing.ExpiresAt < before) Schedule(existing, sooner: true);
        if (existing.Mark < population.UsesWanted) _touches.Touch(existing, KeyEvent.Written);
    }

    private void Replace(Entry<TKey, TValue> existing, in NewEntry<TKey, TValue> written, Population population, long now)
    {
        _departures.Report(existing, now >= existing.ExpiresAt ? RemovalCause.Expired : RemovalCause.Replaced);
        bool changesKind = existing.IsAbsent != written.IsAbsent;
        var by = written.ToEntry();
        _table.Replace(existing, by);
        _wheel?.Remove(existing);
        Schedule(by, sooner: true);
        if (changesKind) _absent += by.IsAbsent ? 1 : -1;
        var before = PopulationOf(existing);
        if (before == population)
        {
            population.Replace(existing, by);
            if (by.Mark < population.UsesWanted) _touches.Touch(by, KeyEvent.Written);
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
        Unlink(victim);
        Leave(victim, RemovalCause.Evicted);
    }

    private void Unlink(Entry<TKey, TValue> entry)
    {
        _table.Remove(entry);
        _count--;
    }

    // Takes an entry out for another reason than eviction.
    internal void Drop(Entry<TKey, TValue> entry, RemovalCause cause)
    {
        Unlink(entry);
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
        _departures.Report(entry, cause);
    }

    /// <summary>Reclaims what has expired, but not much at once. Returns whether it was time to.</summary>
    internal bool Maintain(long now)
    {
        if (_wheel is not { } wheel || !wheel.IsDue(now)) return false;
        Expire(now, ExpiredPerWrite);
        return true;
    }

    internal bool Expire(long now, int budget, bool exactly = false)
    {
        if (_wheel is null) return true;
        bool isDone = _wheel.CollectExpired(now, budget, _expired, exactly);
        foreach (var node in _expired) Drop((Entry<TKey, TValue>)node, RemovalCause.Expired);
        _expired.Clear();
        return isDone;
    }

    internal void DrainTouches(bool clears = false)
    {
        foreach (var node in _touches.Drain())
        {
            // One seen twice has been reported already, and one that left its table is no longer the policy's.
            if (node is not Entry<TKey, TValue> { PlainMark: EvictionNode.Recorded } entry || !_table.Holds(entry)) continue;
            entry.PlainMark = EvictionNode.Unrecorded;
            PopulationOf(entry).Policy.OnTouch(entry);
        }

        if (clears) _touches.Clear();
        else _touches.Reset();
    }

    // Makes the weights known to the other shards. Returns whether the sum may be too much.
    internal bool Publish()
    {
        bool mustRelieve = _values.Publish();
        return (_absences?.Publish() ?? false) || mustRelieve;
    }

    /// <summary>Forgets everything.</summary>
    internal void Clear(RemovalCause cause, long now)
    {
        var left = _table.Clear();
        _count = 0;
        foreach (var entry in left) Forget(entry, now >= entry.ExpiresAt ? RemovalCause.Expired : cause);
    }

    /// <summary>Makes room for another shard: evicts one entry, if the whole cache still holds too much. Returns whether it did.</summary>
    internal bool Relieve(bool ofAbsences) => PopulationFor(ofAbsences) is { CanRelieve: true } population && Evict(population);

    /// <summary>Evicts one entry of this rank or a lower one, though there is room. Returns whether there was one that may leave.</summary>
    internal bool TryEvict(Rank rank) => _values.SpareUpTo(rank) > 0 && Evict(_values);

    private bool Evict(Population population)
    {
        DrainTouches();
        EvictFrom(population);
        return true;
    }

    /// <summary>Follows a changed capacity.</summary>
    internal void Resize()
    {
        DrainTouches();
        _values.Resize();
        _absences?.Resize();
        MakeRoom(_values);
        if (_absences is not null) MakeRoom(_absences);
    }

    internal void AddTo(ShardTotals totals)
    {
        totals.Entries += _count;
        totals.Sets += _sets;
        totals.Refused += _refused;
        _departures.AddTo(totals);
    }

    /// <summary>Throws unless table, policies and wheel hold the same entries.</summary>
    internal void CheckIntegrity() => StockIntegrity.Check([.. _table.All()], _count, _absent, _values, _absences, _wheel?.Count ?? 0);
}
