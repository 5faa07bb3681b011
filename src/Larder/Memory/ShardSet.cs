using System.Runtime.CompilerServices;
using Larder.Advising;
using Larder.Eviction;
using Larder.Observability;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder.Memory;

/// <summary>All shards of a cache, and the capacities that they share.</summary>
internal sealed class ShardSet<TKey, TValue> where TKey : notnull
{
    // How much is reclaimed under one hold of a shard's lock.
    private const int TrimSlice = 1024;

    // What readers use of each shard lies apart from what its writers write, which would take it from them with every write.
    private readonly EntryTable<TKey, TValue>[] _tables;
    private readonly TouchBuffer[] _touches;

    private readonly Shard<TKey, TValue>[] _shards;
    private readonly Population[] _values; // Each guarded by its shard's lock, but for a glance at its count.
    private readonly IDepartureWatch<TKey, TValue>? _watch;

    internal ShardSet(CacheOptions<TKey, TValue> options, KeyLookup<TKey> keys, IDepartureWatch<TKey, TValue>? watch, Action<int, int, EntryTable<TKey, TValue>.Bucket[]> publish, Func<ReadCounts> reads)
    {
        _watch = watch;
        int count = CountFor(options);
        _tables = [.. Enumerable.Range(0, count).Select(shard => new EntryTable<TKey, TValue>(buckets => publish(shard, count, buckets)))];
        Values = new(options.Capacity, count);
        Absences = options.Absent.Capacity is { } absent ? new(absent, count) : null;
        uint seed = (uint)Random.Shared.Next();
        PolicyFailures = new(options.Logger);
        var policies = PolicyFailures.Guard(options.Policy, Values.Shares, seed);
        var absentPolicies = Absences is null ? null : PolicyFailures.Guard(options.Absent.Policy ?? options.Policy, Absences.Shares, seed + 1);
        var strangers = new PolicyFailures(NullLogger.Instance);
        var heard = Absences is null ? reads : () => reads() with { AbsentHits = 0 };
        Advisor = options.Advice is { } advice ? new(advice, options.Policy, options.Capacity, (policy, capacity, start) => strangers.Guard(policy, [capacity], start)[0], heard) : null;
        UsesWanted = Math.Max(policies[0].UsesWanted, absentPolicies?[0].UsesWanted ?? 0);
        _shards = new Shard<TKey, TValue>[count];
        _values = [.. policies.Select((policy, shard) => new Population(policy, Values, shard, Advisor))];
        _touches = [.. _values.Select(static values => new TouchBuffer(values))];
        for (int i = 0; i < count; i++)
        {
            _shards[i] = new(keys, _tables[i], _touches[i], _values[i], absentPolicies is null ? null : new(absentPolicies[i], Absences!, i), watch);
            publish(i, count, _tables[i].Buckets);
        }
    }

    /// <summary>How many shards a cache with these options has: a power of two.</summary>
    internal static int CountFor(CacheOptions<TKey, TValue> options)
    {
        int count = options.Shards.CountFor(options.Capacity);
        while (count > 1 && count > options.Absent.Capacity) count /= 2;
        return count;
    }

    internal CapacityBound Values { get; }

    internal CapacityBound? Absences { get; }

    internal PolicyFailures PolicyFailures { get; }

    /// <summary>Who listens to a sample of the keys; null for nobody.</summary>
    internal Advisor? Advisor { get; }

    /// <summary>What a mark counts up to, and no reader goes beyond.</summary>
    internal int UsesWanted { get; }

    internal ReadOnlySpan<Shard<TKey, TValue>> All => _shards;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Shard<TKey, TValue> Of(int hash) => _shards[IndexOf(hash)];

    internal EntryTable<TKey, TValue> TableOf(int hash) => _tables[IndexOf(hash)];

    internal TouchBuffer TouchesOf(int hash) => _touches[IndexOf(hash)];

    private int IndexOf(int hash) => (byte)hash * _shards.Length >> KeyLookup.SlotBits;

    /// <summary>
    /// The entries, whatever their age. What is there from beginning to end comes exactly once; what is written or removed
    /// meanwhile may or may not come.
    /// </summary>
    internal IEnumerable<Entry<TKey, TValue>> Entries()
    {
        var chain = new List<Entry<TKey, TValue>>();
        foreach (var shard in _shards)
        {
            uint cursor = 0;
            do
            {
                chain.Clear();
                cursor = shard.Visit(cursor, chain);
                foreach (var entry in chain) yield return entry;
            }
            while (cursor != 0);
        }
    }

    /// <summary>The entries as they lie, without a lock: one that a growing table is just moving may be left out.</summary>
    internal IEnumerable<Entry<TKey, TValue>> Glance()
    {
        foreach (var table in _tables)
            foreach (var entry in table.Glance()) yield return entry;
    }

    /// <summary>The keys that there is work under way for, shard by shard.</summary>
    internal IEnumerable<TKey> ClaimedKeys() => _shards.SelectMany(static shard => shard.ClaimedKeys());

    /// <summary>How many keys there is work under way for.</summary>
    internal int ClaimCount()
    {
        int count = 0;
        foreach (var shard in _shards) count += shard.ClaimCount;
        return count;
    }

    /// <summary>
    /// Writers that added at once, or one heavy entry, may have left more than the capacity: shards give way until it
    /// holds, the writer's own last.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Relieve(int hash)
    {
        int writer = IndexOf(hash);
        while (Values.IsExceeded && _shards[Values.Fullest(writer)].Relieve(ofAbsences: false)) { }
        if (Absences is not { } absences) return;
        while (absences.IsExceeded && _shards[absences.Fullest(writer)].Relieve(ofAbsences: true)) { }
    }

    internal void Resize(long capacity)
    {
        Values.Capacity = capacity;
        foreach (var shard in _shards) shard.Resize();
        Relieve(hash: 0);
    }

    /// <summary>Evicts so many values, though there is room, from all shards in turn, and none while another has one of a lower rank.</summary>
    internal void Evict(long count)
    {
        for (var rank = Rank.Low; rank <= Rank.High; rank++)
        {
            bool goesOn = true;
            while (goesOn)
            {
                goesOn = false;
                foreach (var shard in _shards)
                {
                    if (count <= 0) return;
                    if (!shard.TryEvict(rank)) continue;
                    count--;
                    goesOn = true;
                }
            }
        }
    }

    /// <summary>Reclaims what has expired, until it is told to stop.</summary>
    internal void Trim(Func<long> now, Func<bool> stops)
    {
        foreach (var shard in _shards)
            while (shard.HasDeadlines && !stops() && !shard.Trim(now(), TrimSlice)) { }
        _watch?.Trimmed();
    }

    /// <summary>Has the advisor, if there is one, look at what it has heard.</summary>
    internal void Advise()
    {
        if (Advisor is not { } advisor) return;
        long held = 0;
        foreach (var values in _values) held += values.Count;
        if (!advisor.Look(Values.Capacity, held, Values.Total)) return;
        foreach (var entry in Entries()) entry.Watch((Absences is null || !entry.IsAbsent) && advisor.Samples(entry.Hash));
    }

    internal void Clear(RemovalCause cause, long now)
    {
        foreach (var shard in _shards) shard.Clear(cause, now);
    }

    internal ShardTotals Totals()
    {
        var totals = new ShardTotals();
        foreach (var shard in _shards) shard.AddTo(totals);
        return totals;
    }
}
