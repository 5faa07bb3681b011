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
    private readonly RemovalQueue<TKey, TValue>? _removals;
    private readonly Population _values;
    private readonly Population? _absences;
    private readonly TouchBuffer _touches = new();
    private readonly List<TimedNode> _expired = [];
    private readonly long[] _removed = new long[CacheStatistics.RemovalCounts];
    private TimingWheel? _wheel;
    private int _absent;

    // Whether there may be a RichEntry. Only ever set: it spares the others a look at what they are.
    private bool _hasRich;
    private long _sets;
    private long _refused;

    internal Stock(KeyLookup<TKey> keys, Population values, Population? absences, RemovalQueue<TKey, TValue>? removals, Action<EntryTable<TKey, TValue>.Bucket[]>? publish)
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

    /// <summary>How many values there are.</summary>
    internal int Values => Table.Count - _absent;

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

    private Population PopulationOf(EvictionNode node) => PopulationFor(((TimedNode)node).IsAbsent);

    private Population PopulationFor(bool isAbsent) => isAbsent && _absences is { } absences ? absences : _values;

    internal Entry<TKey, TValue>? Find(TKey key, int hash)
    {
        var entry = EntryTable<TKey, TValue>.First(Table.Buckets, hash);
        while (entry is not null && !(entry.Hash == hash && _keys.Equal(entry.Key, key))) entry = entry.Next;
        return entry;
    }

    internal bool Store(in NewEntry<TKey, TValue> written, long now)
    {
        bool reclaimed = Maintain(now);
        var existing = Find(written.Key, written.Hash);
        var population = PopulationFor(written.IsAbsent);
        if (existing is not null && CanBeWrittenOver(existing, written))
        {
            _sets++;
            WriteOver(existing, written, population, now);
            return reclaimed && Publish();
        }

        if (population.Refuses(written.Weight))
        {
            _refused++;
            if (existing is not null) Drop(existing, now >= existing.ExpiresAt ? RemovalCause.Expired : RemovalCause.Evicted);
            return Publish();
        }

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
        Table.Add(entry);
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
        Report(existing, now >= before ? RemovalCause.Expired : RemovalCause.Replaced);
        existing.Value = written.Value;
        Volatile.Write(ref existing.Deadline, written.IsAbsent ? ~written.Deadline : written.Deadline);

        // What had a deadline is in the wheel already, and a later one is seen to when it is met there.
        if (written.Deadline < before) Schedule(existing, sooner: true);
        if (existing.Mark < population.UsesWanted) Touch(existing);
    }

    private void Replace(Entry<TKey, TValue> existing, in NewEntry<TKey, TValue> written, Population population, long now)
    {
        Report(existing, now >= existing.ExpiresAt ? RemovalCause.Expired : RemovalCause.Replaced);
        bool changesKind = existing.IsAbsent != written.IsAbsent;
        var by = written.ToEntry();
        Table.Replace(existing, by);
        _wheel?.Remove(existing);
        Schedule(by, sooner: true);
        if (changesKind) _absent += by.IsAbsent ? 1 : -1;
        var before = PopulationOf(existing);
        if (before == population)
        {
            population.Replace(existing, by);
            if (by.Mark < population.UsesWanted) Touch(by);
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
    internal void Drop(Entry<TKey, TValue> entry, RemovalCause cause)
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

    internal void DrainTouches()
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
    internal bool Publish()
    {
        bool mustRelieve = _values.Publish();
        return (_absences?.Publish() ?? false) || mustRelieve;
    }

    /// <summary>Forgets everything.</summary>
    internal void Clear(RemovalCause cause, long now)
    {
        foreach (var entry in Table.Clear()) Forget(entry, now >= entry.ExpiresAt ? RemovalCause.Expired : cause);
    }

    /// <summary>Makes room for another shard: evicts one entry, if the whole cache still holds too much. Returns whether it did.</summary>
    internal bool Relieve(bool ofAbsences)
    {
        var population = PopulationFor(ofAbsences);
        if (!population.CanRelieve) return false;
        DrainTouches();
        EvictFrom(population);
        return true;
    }

    /// <summary>Evicts one entry, though there is room. Returns whether there was one that may leave.</summary>
    internal bool TryEvict()
    {
        DrainTouches();
        if (_values.Spare == 0) return false;
        EvictFrom(_values);
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
        totals.Entries += Table.Count;
        totals.Sets += _sets;
        totals.Refused += _refused;
        for (int i = 0; i < _removed.Length; i++) totals.Removals[i] += _removed[i];
    }

    /// <summary>Throws unless table, policies and wheel hold the same entries.</summary>
    internal void CheckIntegrity()
    {
        var all = Table.All().ToList();
        Check(all.Count == Table.Count, "the table's count");
        Check(all.Count == _values.Count + (_absences?.Count ?? 0), "the populations' counts");
        Check(all.Count(e => e.IsAbsent) == _absent, "the count of absences");
        foreach (var group in all.GroupBy(PopulationOf))
            Check(group.Sum(e => e.Weight) == group.Key.Weight, "a population's weight");
        Check(all.Count(e => e.WheelNext is not null) == (_wheel?.Count ?? 0), "the wheel's count");
        Check(all.All(e => e.WheelNext is not null || e.ExpiresAt == TimedNode.Never), "the wheel's entries");
        Check(all.All(e => !PopulationOf(e).LinksEntries || (e.Newer is not null && e.Older is not null)), "the policies' entries");

        static void Check(bool holds, string what)
        {
            if (!holds) throw new InvalidOperationException($"Not as it must be: {what}.");
        }
    }
}
