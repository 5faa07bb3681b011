using System.Buffers.Binary;
using Larder.Tiers;

namespace Larder.Disk;

/// <summary>A record in a journal's file: length (4 bytes), checksum of all that follows it and of the length (4), position (8), the record.</summary>
internal static class JournalFrame
{
    internal const int HeaderLength = 16;

    internal static void Write(Span<byte> frame, long position, ReadOnlySpan<byte> record)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, record.Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], position);
        record.CopyTo(frame[HeaderLength..]);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Sum(frame[..(HeaderLength + record.Length)]));
    }

    /// <summary>Reads the frame that the bytes begin with.</summary>
    /// <returns>The length of its record; -1 when there is no whole frame.</returns>
    internal static int Read(ReadOnlySpan<byte> bytes, out long position)
    {
        position = 0;
        if (bytes.Length < HeaderLength) return -1;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - HeaderLength) return -1;
        position = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        return Sum(bytes[..(HeaderLength + length)]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) ? length : -1;
    }

    private static uint Sum(ReadOnlySpan<byte> frame) => Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Start, frame[..4]), frame[8..]));
}
