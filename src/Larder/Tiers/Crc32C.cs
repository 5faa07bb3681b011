using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Larder.Tiers;

/// <summary>
/// CRC-32C (Castagnoli; RFC 3720, appendix B.4), by the processor's own instruction where it has one. See docs/decisions/020.
/// </summary>
/// <remarks>
/// The instruction takes three cycles but can begin one in each, so on x64 three stretches of a block run side by side. Their sums
/// are joined as in Gopal et al., "Fast CRC Computation for iSCSI Polynomial Using CRC32 Instruction" (Intel, 2011): a sum is moved
/// past n bytes by a carry-less multiplication with x^(8n - 33), of which the instruction itself takes the remainder.
/// </remarks>
internal static class Crc32C
{
    /// <summary>What a running checksum begins with.</summary>
    internal const uint Start = 0xFFFF_FFFF;

    private const uint Polynomial = 0x82F6_3B78; // Bits reversed.
    private const int Words = 10, Stretch = Words * sizeof(ulong), Block = 3 * Stretch;

    private static readonly Vector128<ulong> _pastOne = Vector128.CreateScalar((ulong)Power((8 * Stretch) - 33));
    private static readonly Vector128<ulong> _pastTwo = Vector128.CreateScalar((ulong)Power((16 * Stretch) - 33));

    internal static uint Of(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));

    internal static uint Append(uint running, ReadOnlySpan<byte> bytes)
    {
        if (BitConverter.IsLittleEndian)
        {
            if (Pclmulqdq.IsSupported)
            {
                for (; bytes.Length >= Block; bytes = bytes[Block..]) running = AppendBlock(running, MemoryMarshal.Cast<byte, ulong>(bytes[..Block]));
            }

            var words = MemoryMarshal.Cast<byte, ulong>(bytes);
            foreach (ulong word in words) running = BitOperations.Crc32C(running, word);
            bytes = bytes[(words.Length * sizeof(ulong))..];
            if (bytes.Length >= sizeof(uint))
            {
                running = BitOperations.Crc32C(running, MemoryMarshal.Read<uint>(bytes));
                bytes = bytes[sizeof(uint)..];
            }
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

    private static uint AppendBlock(uint running, ReadOnlySpan<ulong> words)
    {
        uint first = running, second = 0, third = 0;
        for (int i = 0; i < Words; i++)
        {
            first = BitOperations.Crc32C(first, words[i]);
            second = BitOperations.Crc32C(second, words[Words + i]);
            third = BitOperations.Crc32C(third, words[(2 * Words) + i]);
        }

        var moved = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)first), _pastTwo, 0) ^ Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)second), _pastOne, 0);
        return BitOperations.Crc32C(0, moved.ToScalar()) ^ third;
    }

    // x to that power, modulo the polynomial.
    private static uint Power(int exponent)
    {
        uint power = 0x8000_0000; // x^0, bits reversed.
        for (int i = 0; i < exponent; i++) power = (power >> 1) ^ ((power & 1) == 0 ? 0 : Polynomial);
        return power;
    }
}
