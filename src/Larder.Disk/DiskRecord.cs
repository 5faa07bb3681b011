using System.Buffers;
using System.Buffers.Binary;
using Larder.Tiers;

namespace Larder.Disk;

/// <summary>What stands in the log under a key: until when (8 bytes, UTC ticks), a checksum (4), the payload.</summary>
/// <remarks>The checksum is over key, instant and payload, so that a payload is never returned for a key it was not written under.</remarks>
internal static class DiskRecord
{
    internal const int HeaderLength = 12;

    internal static void Write(Span<byte> record, ReadOnlySpan<byte> key, in ReadOnlySequence<byte> payload, long until)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record, until);
        payload.CopyTo(record[HeaderLength..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], Sum(key, record));
    }

    internal static bool TryRead(ReadOnlySpan<byte> record, ReadOnlySpan<byte> key, bool isChecked, out long until)
    {
        until = record.Length < HeaderLength ? 0 : BinaryPrimitives.ReadInt64LittleEndian(record);
        return record.Length >= HeaderLength && (!isChecked || BinaryPrimitives.ReadUInt32LittleEndian(record[8..]) == Sum(key, record));
    }

    private static uint Sum(ReadOnlySpan<byte> key, ReadOnlySpan<byte> record)
    {
        uint running = Crc32C.Append(Crc32C.Start, record[..8]);
        return Crc32C.Finish(Crc32C.Append(Crc32C.Append(running, record[HeaderLength..]), key));
    }
}
