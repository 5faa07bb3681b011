using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Larder.Tiers;

/// <summary>
/// The tags of an entry, behind the payload of its envelope: a stamp (8 bytes), each tag in UTF-8 with its length before it (2), and the trailer's own length (4).
/// Reading trusts nothing.
/// </summary>
internal static class TagTrailer
{
    private const int StampLength = 8, SizeLength = 2, EndLength = 4;

    internal static void Write(IBufferWriter<byte> target, TagSet tags)
    {
        int length = StampLength + EndLength;
        foreach (var tag in tags) length += SizeLength + Encoding.UTF8.GetByteCount(tag);
        var room = target.GetSpan(length)[..length];
        room[..StampLength].Clear();
        int at = StampLength;
        foreach (var tag in tags)
        {
            int size = Encoding.UTF8.GetBytes(tag, room[(at + SizeLength)..]);
            BinaryPrimitives.WriteUInt16LittleEndian(room[at..], (ushort)size);
            at += SizeLength + size;
        }

        BinaryPrimitives.WriteInt32LittleEndian(room[at..], length);
        target.Advance(length);
    }

    /// <summary>Writes the stamp into an envelope that has a trailer. It is to be sealed anew.</summary>
    internal static void Stamp(Span<byte> envelope, ulong stamp) =>
        BinaryPrimitives.WriteUInt64LittleEndian(envelope[^BinaryPrimitives.ReadInt32LittleEndian(envelope[^EndLength..])..], stamp);

    /// <summary>Reads what stands behind the payload, given all that stands behind the header.</summary>
    /// <returns>False if it is no trailer, or the rest no payload such as the header says.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> body, in EnvelopeHeader header, out TagSet tags, out ulong stamp, out int length)
    {
        if (!TryRead(body, out tags, out stamp, out length)) return false;
        int payload = body.Length - length;
        bool fits = (header.Codec is not PayloadCodec.None || header.Flags is EnvelopeFlags.Transformed || header.UnpackedLength == payload)
            && (payload == 0 || header.Flags is not (EnvelopeFlags.Absent or EnvelopeFlags.NullValue));
        if (!fits) (tags, stamp, length) = (default, 0, 0);
        return fits;
    }

    /// <summary>The same where there is no header to compare with.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> body, out TagSet tags, out ulong stamp, out int length)
    {
        (tags, stamp, length) = (default, 0, 0);
        if (body.Length < StampLength + EndLength) return false;
        int said = BinaryPrimitives.ReadInt32LittleEndian(body[^EndLength..]);
        if (said < StampLength + EndLength || said > body.Length) return false;
        int payload = body.Length - said;
        if (!TryReadTags(body[(payload + StampLength)..^EndLength], out tags)) return false;
        (stamp, length) = (BinaryPrimitives.ReadUInt64LittleEndian(body[payload..]), said);
        return true;
    }

    private static bool TryReadTags(ReadOnlySpan<byte> bytes, out TagSet tags)
    {
        List<string> read = [];
        tags = default;
        while (!bytes.IsEmpty)
        {
            int size = bytes.Length < SizeLength ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            if (size == 0 || size > bytes.Length - SizeLength || read.Count == TagSet.MaxCount) return false;
            string tag = Encoding.UTF8.GetString(bytes.Slice(SizeLength, size));
            if (!TagSet.Allows(tag)) return false;
            read.Add(tag);
            bytes = bytes[(SizeLength + size)..];
        }

        tags = [.. read];
        return tags.Count > 0;
    }
}
