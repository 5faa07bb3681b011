using System.Buffers.Binary;
using Larder.Tiers;

namespace Larder.Disk;

/// <summary>A record in a file: length (4 bytes), checksum of all that follows it and of the length (4), position (8), the record.</summary>
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

    /// <summary>
    /// The whole records of a file, in order. Where there is none, it goes on at the next that is whole: damage costs what it has hit, and not what
    /// was written behind it.
    /// </summary>
    /// <param name="bytes">The file.</param>
    /// <param name="first">The position of its first record; those that follow have the same or the next each.</param>
    /// <param name="unread">How many bytes are no records.</param>
    internal static List<JournalRecord> ReadAll(ReadOnlyMemory<byte> bytes, long first, out int unread)
    {
        List<JournalRecord> records = [];
        unread = 0;
        for (int at = 0; at < bytes.Length;)
        {
            // What lies within a damaged record may look like one. It would have to know its position, too.
            int length = Read(bytes.Span[at..], first, first + 1 + (unread / HeaderLength), out long position);
            if (length < 0)
            {
                unread++;
                at++;
                continue;
            }

            records.Add(new(position, bytes.Slice(at + HeaderLength, length)));
            at += HeaderLength + length;
            first = position;
        }

        return records;
    }

    // The length of the record in the frame that the bytes begin with; -1 when there is no whole frame of such a position.
    private static int Read(ReadOnlySpan<byte> bytes, long least, long most, out long position)
    {
        position = -1;
        if (bytes.Length < HeaderLength) return -1;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        position = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        return length >= 0 && length <= bytes.Length - HeaderLength && position >= least && position <= most
            && Sum(bytes[..(HeaderLength + length)]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) ? length : -1;
    }

    private static uint Sum(ReadOnlySpan<byte> frame) => Crc32C.Finish(Crc32C.Append(Crc32C.Append(Crc32C.Start, frame[..4]), frame[8..]));
}
