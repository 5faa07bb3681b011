using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Larder.Tiers;

/// <summary>
/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), by the processor's own instruction where it has one. See docs/decisions/020.
/// </summary>
internal static class Crc32C
{
    /// <summary>What a running checksum begins with.</summary>
    internal const uint Start = 0xFFFF_FFFF;

    internal static uint Of(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));

    internal static uint Append(uint running, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        if (BitConverter.IsLittleEndian)
        {
            foreach (ulong word in words) running = BitOperations.Crc32C(running, word);
            bytes = bytes[(words.Length * sizeof(ulong))..];
        }

        foreach (byte single in bytes) running = BitOperations.Crc32C(running, single);
        return running;
    }

    internal static uint Append(uint running, in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes) running = Append(running, segment.Span);
        return running;
    }

    internal static uint Finish(uint running) => ~running;
}
