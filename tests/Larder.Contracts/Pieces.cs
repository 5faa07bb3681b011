using System.Buffers;

namespace Larder.Contracts;

/// <summary>Bytes that lie in several pieces, as they come from a socket.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    internal static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, int length)
    {
        var first = new Pieces { Memory = bytes[..length] };
        var last = first;
        for (int at = length; at < bytes.Length; at += length)
        {
            var next = new Pieces { Memory = bytes.Slice(at, Math.Min(length, bytes.Length - at)), RunningIndex = at };
            last.Next = next;
            last = next;
        }

        return new(first, 0, last, last.Memory.Length);
    }
}
