using System.Text;
using Larder.Redis.Protocol;

namespace Larder.Redis;

/// <summary>What keys are called on the server. All of a cache begin alike, so that one prefix tracks them.</summary>
internal static class RedisNames
{
    internal static ReadOnlySpan<byte> Root => "larder:"u8;

    internal static ReadOnlyMemory<byte> Of(TierKey key)
    {
        byte[] name = new byte[Root.Length + key.Bytes.Length];
        Root.CopyTo(name);
        key.Bytes.Span.CopyTo(name.AsSpan(Root.Length));
        return name;
    }

    /// <summary>With what all keys of a cache begin.</summary>
    internal static byte[] Prefix(string cacheName) => Encoding.UTF8.GetBytes($"larder:{Escaped(cacheName)}/");

    internal static byte[] Generation(string cacheName) => Encoding.UTF8.GetBytes($"larder:{Escaped(cacheName)}/!generation");

    /// <summary>
    /// The generation of one of a cluster's slots, but for the slot's tag at its end. No slash is in it: so it is not among what begins like a cache's keys, and its changes are not told.
    /// </summary>
    internal static byte[] SlotGeneration(string cacheName) => Encoding.UTF8.GetBytes($"larder:{Untagged(cacheName)}!generation");

    /// <summary>In a cluster it is written at each clearing, so that whoever listens hears of it.</summary>
    internal static byte[] Cleared(string cacheName) => Encoding.UTF8.GetBytes($"larder:{Escaped(cacheName)}/!cleared");

    /// <summary>In a cluster it lies where the entry lies: so a node that is away costs no more than its share.</summary>
    internal static byte[] Lease(TierKey key, bool isCluster) => isCluster && HashSlot.TagOf(key.Bytes.Span).IsEmpty
        ? [.. "larder-lease:{"u8, .. Root, .. key.Bytes.Span, (byte)'}']
        : [.. "larder-lease:"u8, .. key.Bytes.Span];

    /// <summary>What numbers leases; in a cluster, but for the slot's tag at its end.</summary>
    internal static byte[] Fence(string cacheName, bool isCluster) => Encoding.UTF8.GetBytes($"larder-lease:{(isCluster ? Untagged(cacheName) : cacheName)}!fence");

    internal static int Slot(TierKey key) => HashSlot.Of(Root, key.Bytes.Span);

    /// <summary>Where processes without tracking tell each other.</summary>
    internal static byte[] Messages(string cacheName) => Encoding.UTF8.GetBytes($"larder:{Escaped(cacheName)}/!messages");

    internal static byte[] Channel(string cacheName) => Encoding.UTF8.GetBytes($"larder:{Escaped(cacheName)}/!changes");

    // Without braces, which would put it into a slot.
    private static string Untagged(string name) => Escaped(name).Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);

    // As the core has it in its keys.
    private static string Escaped(string name) => name.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
}
