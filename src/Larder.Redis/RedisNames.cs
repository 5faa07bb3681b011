using System.Text;

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

    /// <summary>Where processes without tracking tell each other.</summary>
    internal static byte[] Messages(string cacheName) => Encoding.UTF8.GetBytes($"larder:{Escaped(cacheName)}/!messages");

    internal static byte[] Channel(string cacheName) => Encoding.UTF8.GetBytes($"larder:{Escaped(cacheName)}/!changes");

    // As the core has it in its keys.
    private static string Escaped(string name) => name.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
}
