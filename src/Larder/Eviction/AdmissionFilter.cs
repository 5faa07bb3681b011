namespace Larder.Eviction;

/// <summary>
/// TinyLFU's filter (Einziger, Friedman and Manes, ACM TOS 2017): lets a candidate in only if it was used more often lately
/// than the entry that would leave for it.
/// </summary>
internal sealed class AdmissionFilter(long capacity, uint seed)
{
    // Who knows which keys collide could make a cold entry look hot and keep a hot one out for ever; so a candidate that is
    // not cold is let in, now and then, though it loses.
    private const int Warm = 6;
    private const uint OneIn = 128;

    private const long SmallestSketch = 256;

    private readonly UseSketch _sketch = new(Math.Clamp(capacity, 1, SmallestSketch), seed);
    private long _sketched = SmallestSketch;
    private uint _random = seed | 1;

    internal void Count(EvictionNode node) => _sketch.Increment(node.Hash);

    /// <summary>Makes the sketch large enough for so many entries.</summary>
    internal void Hold(long entries)
    {
        if (entries <= _sketched) return;
        _sketched *= 2;
        _sketch.Grow(_sketched);
    }

    internal bool Admits(EvictionNode candidate, EvictionNode victim)
    {
        int ours = _sketch.Frequency(candidate.Hash), theirs = _sketch.Frequency(victim.Hash);
        return ours > theirs || (ours >= Warm && Random() % OneIn == 0);
    }

    private uint Random()
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        return _random ^= _random << 5;
    }
}
