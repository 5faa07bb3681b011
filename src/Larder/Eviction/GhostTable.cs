namespace Larder.Eviction;

/// <summary>Remembers which keys left the cache lately, in about five bytes per entry, with a rare false memory.</summary>
/// <remarks>
/// A set-associative table instead of an exact list: eight slots to a bucket, in each a 16-bit tag of the key and the time
/// of its leaving, counted in evictions. The oldest slot of a bucket makes room. A key is remembered for as many evictions
/// as the cache holds entries. A wrong "yes" (8 tags of 65,536) costs one early promotion.
/// </remarks>
internal sealed class GhostTable
{
    private const int BucketSlots = 8;

    private readonly uint _seed;

    // Tag in the high half, time in the low. Zero is an empty slot: no tag is zero.
    private uint[] _slots;
    private int _buckets;

    private long _evictions;

    // A tick of the slots' clock is 1 << _tickShift evictions, so that a memory spans at most 2^14 of its 2^16 ticks.
    private int _tickShift;
    private uint _span;

    public GhostTable(long entries, uint seed)
    {
        _seed = seed;
        _buckets = (int)(entries * 5 / 4 / BucketSlots) + 1;
        _slots = new uint[_buckets * BucketSlots];
        SetEntries(entries);
    }

    /// <summary>How many entries the cache holds: sets for how many evictions a key is remembered.</summary>
    public void SetEntries(long entries)
    {
        int shift = 0;
        while (entries >> shift >= 1 << 14) shift++;
        _span = (uint)Math.Max(1, entries >> shift);
        if (shift == _tickShift) return;
        _tickShift = shift;
        Array.Clear(_slots);
    }

    public void Add(int hash)
    {
        _evictions++;
        uint mixed = HashMix.Mix(hash, _seed);
        var bucket = Bucket(mixed);
        uint tag = Tag(mixed), oldestAge = 0;
        int place = 0;
        for (int i = 0; i < bucket.Length; i++)
        {
            uint age = bucket[i] == 0 ? uint.MaxValue : Age(bucket[i]);
            if (bucket[i] >> 16 == tag)
            {
                place = i;
                break;
            }

            if (age < oldestAge) continue;
            oldestAge = age;
            place = i;
        }

        bucket[place] = (tag << 16) | Now;
    }

    /// <summary>Whether the key left lately; forgets it.</summary>
    public bool Remove(int hash)
    {
        uint mixed = HashMix.Mix(hash, _seed);
        uint tag = Tag(mixed);
        foreach (ref uint slot in Bucket(mixed))
        {
            if (slot >> 16 != tag) continue;
            bool recent = Age(slot) <= _span;
            slot = 0;
            return recent;
        }

        return false;
    }

    /// <summary>Doubles the room, and keeps what is remembered.</summary>
    public void Grow()
    {
        var old = _slots;
        _slots = new uint[old.Length * 2];
        for (int bucket = 0; bucket < _buckets; bucket++)
        {
            var from = old.AsSpan(bucket * BucketSlots, BucketSlots);
            from.CopyTo(_slots.AsSpan(2 * bucket * BucketSlots));
            from.CopyTo(_slots.AsSpan((2 * bucket + 1) * BucketSlots));
        }

        _buckets *= 2;
    }

    private uint Now => (ushort)(_evictions >> _tickShift);

    private Span<uint> Bucket(uint mixed) => _slots.AsSpan(HashMix.Range(mixed, _buckets) * BucketSlots, BucketSlots);

    private uint Age(uint slot) => (ushort)(Now - (ushort)slot);

    // The low bits: the bucket is chosen by the high ones.
    private static uint Tag(uint mixed) => (mixed & 0xFFFF) | (mixed << 16 == 0 ? 1u : 0u);
}
