using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Larder.Eviction;

namespace Larder.Memory;

/// <summary>
/// The hash table of one shard, whose chain links are the entries themselves. Readers take no lock; writers hold the shard's.
/// </summary>
/// <remarks>
/// Why a reader is never misled. An entry is complete before it is linked at the head of its chain, and keeps its own link
/// when it is unlinked, so whoever stands on it still reaches the rest. Growing relinks entries in place, each only to one
/// that came later in its old chain: a reader underway may lose part of the chain, but never turns in circles. So a reader
/// that finds its key is right, and one that does not asks <see cref="IsSettled"/> and, if the table has grown meanwhile,
/// looks again under the lock. Only misses pay.
/// </remarks>
internal sealed class EntryTable<TKey, TValue>(Action<EntryTable<TKey, TValue>.Bucket[]>? publish = null)
{
    private const int SmallestSize = 16;
    private const int MostBuckets = 1 << (32 - KeyLookup.SlotBits);

    // A power of two of them. Replaced as a whole, under the shard's lock.
    private Bucket[] _buckets = new Bucket[SmallestSize];

    // Set while entries are being relinked.
    private bool _isGrowing;

    // How many entries there are is not kept here, either: every writer changes that.
    internal CacheLine.Gap Gap { get; }

    internal Bucket[] Buckets
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _buckets);
    }

    /// <summary>Whether a search that began on these buckets and found nothing has seen all there was.</summary>
    internal bool IsSettled(Bucket[] buckets) => !Volatile.Read(ref _isGrowing) && ReferenceEquals(Buckets, buckets);

    /// <summary>The first entry of the hash's chain. Without a check of bounds: the length is a power of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Entry<TKey, TValue>? First(Bucket[] buckets, int hash) =>
        Volatile.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(buckets), (nint)IndexOf(hash, buckets.Length)).Head);

    /// <summary>Links an entry, where so many are linked.</summary>
    internal void Add(Entry<TKey, TValue> entry, int linked)
    {
        if (linked >= _buckets.Length && _buckets.Length < MostBuckets) Grow();
        ref var head = ref _buckets[IndexOf(entry.Hash, _buckets.Length)].Head;
        entry.Next = head;
        Volatile.Write(ref head, entry);
    }

    internal void Remove(Entry<TKey, TValue> entry) => Volatile.Write(ref LinkTo(entry), entry.Next);

    internal void Replace(Entry<TKey, TValue> entry, Entry<TKey, TValue> by)
    {
        by.Next = entry.Next;
        Volatile.Write(ref LinkTo(entry), by);
    }

    /// <summary>Whether this very entry is linked.</summary>
    internal bool Holds(Entry<TKey, TValue> entry)
    {
        var at = First(_buckets, entry.Hash);
        while (at is not null && at != entry) at = at.Next;
        return at is not null;
    }

    /// <summary>Unlinks everything, and returns what was linked.</summary>
    internal IEnumerable<Entry<TKey, TValue>> Clear()
    {
        var buckets = _buckets;
        var empty = new Bucket[buckets.Length];

        // Published first: a reader that misses there looks here next, so nobody who has seen the key gone finds it again.
        publish?.Invoke(empty);
        Volatile.Write(ref _buckets, empty);
        return All(buckets);
    }

    internal IEnumerable<Entry<TKey, TValue>> All() => All(_buckets);

    /// <summary>The entries, for who holds no lock.</summary>
    internal IEnumerable<Entry<TKey, TValue>> Glance()
    {
        var buckets = Buckets;
        for (int b = 0; b < buckets.Length; b++)
            for (var entry = Volatile.Read(ref buckets[b].Head); entry is not null; entry = Volatile.Read(ref entry.Next)) yield return entry;
    }

    /// <summary>
    /// Adds the entries of the cursor's bucket to the list and returns the next cursor, zero after the last. The order of
    /// buckets counts with the bits reversed, so that a table that grows between two calls neither repeats nor leaves out.
    /// </summary>
    internal uint Visit(uint cursor, List<Entry<TKey, TValue>> into)
    {
        uint mask = (uint)_buckets.Length - 1;
        for (var entry = _buckets[cursor & mask].Head; entry is not null; entry = entry.Next) into.Add(entry);
        return Reverse(Reverse(cursor | ~mask) + 1);
    }

    private static IEnumerable<Entry<TKey, TValue>> All(Bucket[] buckets)
    {
        foreach (var bucket in buckets)
            for (var entry = bucket.Head; entry is not null; entry = entry.Next) yield return entry;
    }

    // The link that leads to an entry of the table.
    private ref Entry<TKey, TValue>? LinkTo(Entry<TKey, TValue> entry)
    {
        ref var link = ref _buckets[IndexOf(entry.Hash, _buckets.Length)].Head;
        while (link != entry) link = ref link!.Next;
        return ref link;
    }

    private void Grow()
    {
        var grown = new Bucket[_buckets.Length * 2];
        Volatile.Write(ref _isGrowing, true);
        Interlocked.MemoryBarrier();
        for (int b = 0; b < _buckets.Length; b++)
        {
            Entry<TKey, TValue>? low = null, high = null, next;
            for (var entry = _buckets[b].Head; entry is not null; entry = next)
            {
                next = entry.Next;
                bool isHigh = IndexOf(entry.Hash, grown.Length) != b;
                ref var last = ref isHigh ? ref high : ref low;
                if (last is null) grown[isHigh ? b + _buckets.Length : b].Head = entry;
                else Volatile.Write(ref last.Next, entry);
                last = entry;
            }

            if (low is not null) Volatile.Write(ref low.Next, null);
            if (high is not null) Volatile.Write(ref high.Next, null);
        }

        Volatile.Write(ref _buckets, grown);
        publish?.Invoke(grown);
        Volatile.Write(ref _isGrowing, false);
    }

    // What the slot, which chose the shard, leaves of the hash.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint IndexOf(int hash, int buckets) => ((uint)hash >> KeyLookup.SlotBits) & (uint)(buckets - 1);

    private static uint Reverse(uint bits)
    {
        bits = ((bits >> 1) & 0x5555_5555) | ((bits & 0x5555_5555) << 1);
        bits = ((bits >> 2) & 0x3333_3333) | ((bits & 0x3333_3333) << 2);
        bits = ((bits >> 4) & 0x0F0F_0F0F) | ((bits & 0x0F0F_0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(bits);
    }

    /// <summary>The start of a chain. A struct, so that storing to the array needs no check of its element type.</summary>
    internal struct Bucket
    {
        internal Entry<TKey, TValue>? Head;
    }
}
