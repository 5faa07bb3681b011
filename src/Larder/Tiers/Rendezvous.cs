using System.Text;

namespace Larder.Tiers;

/// <summary>
/// Rendezvous hashing (Thaler and Ravishankar, 1998), with weights (Schindelhauer and Schomaker, 2005): every node bids for a key, and the
/// highest bid has it. The same in every process, for ever.
/// </summary>
internal static class Rendezvous
{
    internal static ulong HashOf(string name) => HashOf(Encoding.UTF8.GetBytes(name));

    // FNV-1a, whose low bits a last mixing spreads over all.
    internal static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (byte b in bytes) hash = unchecked((hash ^ b) * 0x0000_0100_0000_01B3);
        return Mixed(hash);
    }

    /// <summary>A node's bid for a key: as a draw from an exponential distribution whose rate is the weight, upside down.</summary>
    internal static double Score(ulong node, ulong key, double weight)
    {
        double uniform = ((Mixed(node ^ key) >> 11) + 0.5) / (1UL << 53);
        return -weight / Math.Log(uniform);
    }

    // The finalizer of SplitMix64 (Steele, Lea, Flood, 2014).
    private static ulong Mixed(ulong value)
    {
        value = unchecked((value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9);
        value = unchecked((value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB);
        return value ^ (value >> 31);
    }
}
