using System.Buffers;
using System.Buffers.Binary;

namespace Larder.Tiers;

/// <summary>The bytes that tiers keep: a header of fixed length, then the payload. The layout is in docs/internals/envelope-format.md.</summary>
/// <remarks>
/// Reading trusts nothing: it answers every sequence of bytes with a header or a reason, throws nothing, reads nothing outside
/// the bytes it was given and allocates nothing.
/// </remarks>
internal static class Envelope
{
    internal const int HeaderLength = 64;

    private const uint Magic = 0x5244_4CA7; // A7 'L' 'D' 'R': not text, so never the beginning of a user's own JSON or string.
    private const byte Plain = 1, Tagged = 2; // The formats: without a trailer of tags, and with one.

    // Where the fields lie.
    private const int FormatAt = 4, FlagsAt = 5, CodecAt = 6, ReservedAt = 7, SchemaAt = 8, ChecksumAt = 12, CacheAt = 16, CreatedAt = 24,
        FreshAt = 32, StaleAt = 40, FallbackAt = 48, LengthAt = 56, UnpackedAt = 60;

    /// <summary>Writes the header before a payload that stands in its place already.</summary>
    internal static void Seal(Span<byte> envelope, in EnvelopeHeader header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(envelope, Magic);
        envelope[FormatAt] = header.IsTagged ? Tagged : Plain;
        envelope[FlagsAt] = (byte)header.Flags;
        envelope[CodecAt] = (byte)header.Codec;
        envelope[ReservedAt] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(envelope[SchemaAt..], header.SchemaVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(envelope[CacheAt..], header.CacheName);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[CreatedAt..], header.Created);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[FreshAt..], header.FreshUntil);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[StaleAt..], header.StaleUntil);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[FallbackAt..], header.FallbackUntil);
        BinaryPrimitives.WriteInt32LittleEndian(envelope[LengthAt..], envelope.Length - HeaderLength);
        BinaryPrimitives.WriteInt32LittleEndian(envelope[UnpackedAt..], header.UnpackedLength);
        BinaryPrimitives.WriteUInt32LittleEndian(envelope[ChecksumAt..], Checksum(envelope));
    }

    /// <summary>Whether this looks like an envelope with tags behind the payload.</summary>
    internal static bool MayBeTagged(ReadOnlySpan<byte> envelope) => envelope.Length > HeaderLength && envelope[FormatAt] == Tagged;

    /// <summary>Reads an envelope that lies in one piece; the payload is what follows the header.</summary>
    internal static EnvelopeFault Read(ReadOnlySpan<byte> envelope, out EnvelopeHeader header)
    {
        header = default;
        if (envelope.Length < HeaderLength) return EnvelopeFault.Truncated;
        var fault = Begin(envelope[..HeaderLength], envelope.Length);
        if (fault is not EnvelopeFault.None) return fault;
        return End(envelope[..HeaderLength], Checksum(envelope), out header);
    }

    /// <summary>Reads an envelope that may lie in pieces.</summary>
    internal static EnvelopeFault Read(in ReadOnlySequence<byte> envelope, out EnvelopeHeader header, out ReadOnlySequence<byte> payload)
    {
        header = default;
        payload = default;
        if (envelope.Length < HeaderLength) return EnvelopeFault.Truncated;
        Span<byte> head = stackalloc byte[HeaderLength];
        envelope.Slice(0, HeaderLength).CopyTo(head);
        var fault = Begin(head, envelope.Length);
        if (fault is not EnvelopeFault.None) return fault;
        var body = envelope.Slice(HeaderLength);
        fault = End(head, Checksum(head, body), out header);
        if (fault is EnvelopeFault.None) payload = body;
        return fault;
    }

    /// <summary>Whether both are envelopes, and the first one's value was made later.</summary>
    internal static bool IsNewer(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        Read(one, out var first) is EnvelopeFault.None && Read(other, out var second) is EnvelopeFault.None && first.Created > second.Created;

    // What can be said without the checksum. The format comes before the lengths, which are a later format's own affair.
    private static EnvelopeFault Begin(ReadOnlySpan<byte> head, long length)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic) return EnvelopeFault.NotAnEnvelope;
        if (head[FormatAt] is not (Plain or Tagged)) return EnvelopeFault.UnknownFormat;
        long said = (long)BinaryPrimitives.ReadUInt32LittleEndian(head[LengthAt..]) + HeaderLength;
        return length < said ? EnvelopeFault.Truncated : length > said ? EnvelopeFault.Overlong : EnvelopeFault.None;
    }

    private static EnvelopeFault End(ReadOnlySpan<byte> head, uint checksum, out EnvelopeHeader header)
    {
        if (checksum != BinaryPrimitives.ReadUInt32LittleEndian(head[ChecksumAt..]))
        {
            header = default;
            return EnvelopeFault.Corrupt;
        }

        header = new EnvelopeHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(head[CacheAt..]),
            BinaryPrimitives.ReadInt32LittleEndian(head[SchemaAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(head[CreatedAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(head[FreshAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(head[StaleAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(head[FallbackAt..]))
        {
            Flags = (EnvelopeFlags)head[FlagsAt],
            IsTagged = head[FormatAt] == Tagged,
            Codec = (PayloadCodec)head[CodecAt],
            UnpackedLength = BinaryPrimitives.ReadInt32LittleEndian(head[UnpackedAt..]),
        };
        if (head[ReservedAt] == 0 && IsWellFormed(header, BinaryPrimitives.ReadInt32LittleEndian(head[LengthAt..]))) return EnvelopeFault.None;
        header = default;
        return EnvelopeFault.Malformed;
    }

    private static bool IsWellFormed(in EnvelopeHeader header, int length) =>
        header.Flags is EnvelopeFlags.None or EnvelopeFlags.Absent or EnvelopeFlags.NullValue or EnvelopeFlags.Transformed
        && (header.IsTagged || header.Flags is EnvelopeFlags.None or EnvelopeFlags.Transformed || length == 0) // What a trailer is part of the length of says TagTrailer.
        && header.Codec <= PayloadCodec.Deflate
        && header.UnpackedLength >= 0
        && (header.IsTagged || header.Codec is not PayloadCodec.None || header.Flags is EnvelopeFlags.Transformed || header.UnpackedLength == length)
        && header.SchemaVersion >= 0
        && header.Created is >= 0 and <= EnvelopeHeader.Never
        && 0 <= header.FreshUntil && header.FreshUntil <= header.StaleUntil && header.StaleUntil <= header.FallbackUntil
        && header.FallbackUntil <= EnvelopeHeader.Never;

    // Over everything but itself.
    private static uint Checksum(ReadOnlySpan<byte> envelope) => Crc32C.Finish(Running(envelope));

    private static uint Checksum(ReadOnlySpan<byte> head, in ReadOnlySequence<byte> body) => Crc32C.Finish(Crc32C.Append(Running(head), body));

    private static uint Running(ReadOnlySpan<byte> envelope) => Crc32C.Append(Crc32C.Append(Crc32C.Start, envelope[..ChecksumAt]), envelope[CacheAt..]);
}
