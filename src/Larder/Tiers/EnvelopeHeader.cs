using System.Text;

namespace Larder.Tiers;

/// <summary>What stands before the payload. The layout is Envelope's.</summary>
/// <param name="CacheName">The hash of the cache's name; see <see cref="HashOf"/>.</param>
/// <param name="SchemaVersion">The version of the values' shape, which the user counts.</param>
/// <param name="Created">When the value was made, in UTC ticks, as the three that follow.</param>
/// <param name="FreshUntil">When it becomes stale; <see cref="Never"/> for never.</param>
/// <param name="StaleUntil">When it expires.</param>
/// <param name="FallbackUntil">When it is gone.</param>
internal readonly record struct EnvelopeHeader(
    ulong CacheName, int SchemaVersion, long Created, long FreshUntil, long StaleUntil, long FallbackUntil)
{
    internal const long Never = 3155378975999999999; // DateTimeOffset.MaxValue.

    internal EnvelopeFlags Flags { get; init; }

    /// <summary>Whether tags stand behind the payload: then this is the second format.</summary>
    internal bool IsTagged { get; init; }

    /// <summary>How the payload is packed.</summary>
    internal PayloadCodec Codec { get; init; }

    /// <summary>How long the payload is unpacked.</summary>
    internal int UnpackedLength { get; init; }

    /// <summary>Never below zero, however the wall clock stepped since.</summary>
    internal TimeSpan Age(DateTimeOffset now) => TimeSpan.FromTicks(Math.Max(0, now.UtcTicks - Created));

    /// <summary>How long until one of the deadlines: never more than was given at the start, so that a clock that steps back makes nothing immortal.</summary>
    internal TimeSpan Left(long until, DateTimeOffset now) =>
        until == Never ? TimeSpan.MaxValue : TimeSpan.FromTicks(Math.Clamp(until - now.UtcTicks, 0, Math.Max(0, until - Created)));

    /// <summary>Whether this is an envelope for that cache and schema.</summary>
    internal EnvelopeFault Check(ulong cacheName, int schemaVersion) =>
        CacheName != cacheName ? EnvelopeFault.OtherCache : SchemaVersion != schemaVersion ? EnvelopeFault.OtherSchema : EnvelopeFault.None;

    /// <summary>FNV-1a over the name's UTF-8: the same in every process, for ever.</summary>
    internal static ulong HashOf(string cacheName)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (byte b in Encoding.UTF8.GetBytes(cacheName)) hash = unchecked((hash ^ b) * 0x0000_0100_0000_01B3);
        return hash;
    }
}
