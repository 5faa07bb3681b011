namespace Larder.Eviction;

/// <summary>Remembers which keys left the cache lately, in two and a half bytes per entry, with a rare false memory.</summary>
/// <remarks>
/// A set-associative table instead of an exact list: eight slots to a bucket, in each ten bits of the key and six of the
/// time of its leaving, counted in parts of the span for which keys are remembered: as many evictions as the cache holds
/// entries. The oldest slot of a bucket makes room. A wrong "yes" (8 tags of 1,023) costs one early promotion.
/// </remarks>
internal sealed class GhostTable
{
    private const int BucketSlots = 8;
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
        var bucket = Bucket(mixed);
        uint tag = Tag(mixed), oldestAge = 0;
        int place = 0;
        for (int i = 0; i < bucket.Length; i++)
        {
            uint age = bucket[i] == 0 ? uint.MaxValue : Age(bucket[i]);
            if (bucket[i] >> TimeBits == tag)
            {
                place = i;
                break;
            }

            if (age < oldestAge) continue;
            oldestAge = age;
            place = i;
        }

        bucket[place] = (ushort)((tag << TimeBits) | Now);
    }

    /// <summary>Whether the key left lately; forgets it.</summary>
    public bool Remove(int hash)
    {
        uint mixed = HashMix.Mix(hash, _seed);
        uint tag = Tag(mixed);
        foreach (ref ushort slot in Bucket(mixed))
        {
            if (slot >> TimeBits != tag) continue;
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

    private Span<ushort> Bucket(uint mixed) => _slots.AsSpan(HashMix.Range(mixed, _buckets) * BucketSlots, BucketSlots);

    private uint Age(uint slot) => (Now - slot) & TimeMask;

    // The low bits: the bucket is chosen by the high ones.
    private static uint Tag(uint mixed) => Math.Max(1, mixed & (0xFFFF >> TimeBits));
}
