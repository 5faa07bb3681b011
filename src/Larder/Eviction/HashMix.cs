namespace Larder.Eviction;

/// <summary>Spreads a 32-bit hash anew under a seed, so that nobody outside can choose which keys share a counter or a sample.</summary>
internal static class HashMix
{
    // The finalizer of MurmurHash3: one to one, every input bit reaches every output bit.
    public static uint Mix(int hash, uint seed)
    {
        uint x = (uint)hash ^ seed;
        x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
        x = (x ^ (x >> 13)) * 0xC2B2AE35u;
        return x ^ (x >> 16);
    }

    /// <summary>Maps a spread hash to 0 … <paramref name="count"/> − 1 by its high bits.</summary>
    public static int Range(uint mixed, int count) => (int)(((ulong)mixed * (uint)count) >> 32);
}
