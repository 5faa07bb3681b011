using System.Text;

namespace Larder.Cli.Traces;

/// <summary>From a key to the 32 well-spread bits that <see cref="EvictionNode.Hash"/> promises a policy.</summary>
internal static class KeyHash
{
    /// <summary>The upper half of MurmurHash3's 64-bit finalizer: every bit of the key moves every bit of the hash.</summary>
    public static int Spread(ulong key)
    {
        key ^= key >> 33;
        key *= 0xff51afd7ed558ccd;
        key ^= key >> 33;
        key *= 0xc4ceb9fe1a85ec53;
        key ^= key >> 33;
        return (int)(key >> 32);
    }

    /// <summary>FNV-1a over the UTF-8 bytes. The same in every process, unlike <see cref="string.GetHashCode()"/>.</summary>
    public static ulong Bits(string key)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(key))
            hash = (hash ^ b) * 0x100000001b3;
        return hash;
    }
}
