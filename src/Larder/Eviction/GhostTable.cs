using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Larder.Eviction;

/// <summary>Remembers which keys left the cache lately, in two and a half bytes per entry, with a rare false memory.</summary>
/// <remarks>
/// A set-associative table instead of an exact list: eight slots to a bucket, in each ten bits of the key and six of the
/// time of its leaving, counted in parts of the span for which keys are remembered: as many evictions as the cache holds
/// entries. The oldest slot of a bucket makes room. A wrong "yes" (8 tags of 1,023) costs one early promotion.
/// </remarks>
internal sealed class GhostTable
{
    private const int SlotBits = 3;
    private const int BucketSlots = 1 << SlotBits;
    private const int TimeBits = 6;
    private const uint TimeMask = (1 << TimeBits) - 1;

    private readonly uint _seed;

    // Tag in the high bits, time in the low. Zero is an empty slot: no tag is zero.
    private ushort[] _slots;
    private int _buckets;

    private long _evictions;

    // A tick of the slots' clock is 1 << _tickShift evictions, so that a memory spans 16 to 31 of its 64 ticks.
    private int _tickShift;
    private uint _span;

    public GhostTable(long entries, uint seed)
    {
        _seed = seed;
        _buckets = (int)(entries * 5 / 4 / BucketSlots) + 1;
        _slots = new ushort[_buckets * BucketSlots];
        SetEntries(entries);
    }

    /// <summary>How many entries the cache holds: sets for how many evictions a key is remembered.</summary>
    public void SetEntries(long entries)
    {
        int shift = 0;
        while (entries >> shift >= 1 << (TimeBits - 1)) shift++;
        _span = (uint)Math.Max(1, entries >> shift);
        if (shift == _tickShift) return;
        _tickShift = shift;
        Array.Clear(_slots);
    }

    public void Add(int hash)
    {
        _evictions++;
        uint mixed = HashMix.Mix(hash, _seed);
        ref ushort first = ref Bucket(mixed);
        var slots = Vector128.LoadUnsafe(ref first);
        uint tag = Tag(mixed), same = Tagged(slots, tag);
        int place = same != 0 ? BitOperations.TrailingZeroCount(same) : Oldest(slots);
        Unsafe.Add(ref first, place) = (ushort)((tag << TimeBits) | Now);
    }

    /// <summary>Whether the key left lately; forgets it.</summary>
    public bool Remove(int hash)
    {
        uint mixed = HashMix.Mix(hash, _seed);
        ref ushort first = ref Bucket(mixed);
        uint same = Tagged(Vector128.LoadUnsafe(ref first), Tag(mixed));
        if (same == 0) return false;
        ref ushort slot = ref Unsafe.Add(ref first, BitOperations.TrailingZeroCount(same));
        bool recent = ((Now - slot) & TimeMask) <= _span;
        slot = 0;
        return recent;
    }

    /// <summary>The key's bucket will be needed soon.</summary>
    public void Expect(int hash) => CacheLine.Fetch(ref Bucket(HashMix.Mix(hash, _seed)));

    /// <summary>Doubles the room, and keeps what is remembered.</summary>
    public void Grow()
    {
        var old = _slots;
        _slots = new ushort[old.Length * 2];
        for (int bucket = 0; bucket < _buckets; bucket++)
        {
            var from = old.AsSpan(bucket * BucketSlots, BucketSlots);
            from.CopyTo(_slots.AsSpan(2 * bucket * BucketSlots));
            from.CopyTo(_slots.AsSpan((2 * bucket + 1) * BucketSlots));
        }

        _buckets *= 2;
    }

    private uint Now => (uint)(_evictions >> _tickShift) & TimeMask;

    // Without a check of bounds: the range of the hash is that of the buckets.
    private ref ushort Bucket(uint mixed) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (nint)(uint)(HashMix.Range(mixed, _buckets) * BucketSlots));

    // A bit for each slot with this tag.
    private static uint Tagged(Vector128<ushort> slots, uint tag) =>
        Vector128.Equals(slots >>> TimeBits, Vector128.Create((ushort)tag)).ExtractMostSignificantBits();

    // The slot to give up: an empty one, or the one whose key left first. Its number is carried below its age, so that one
    // comparison settles both.
    private int Oldest(Vector128<ushort> slots)
    {
        var ages = (Vector128.Create((ushort)Now) - slots) & Vector128.Create((ushort)TimeMask);
        ages |= Vector128.Equals(slots, Vector128<ushort>.Zero) & Vector128.Create((ushort)(TimeMask + 1));
        var ranked = (ages << SlotBits) | Vector128<ushort>.Indices;
        ranked = Vector128.Max(ranked, Vector128.Shuffle(ranked, Vector128.Create((ushort)4, 5, 6, 7, 0, 1, 2, 3)));
        ranked = Vector128.Max(ranked, Vector128.Shuffle(ranked, Vector128.Create((ushort)2, 3, 0, 1, 6, 7, 4, 5)));
        return Math.Max(ranked[0], ranked[1]) & (BucketSlots - 1);
    }

    // The low bits: the bucket is chosen by the high ones.
    private static uint Tag(uint mixed) => Math.Max(1, mixed & (0xFFFF >> TimeBits));
}
