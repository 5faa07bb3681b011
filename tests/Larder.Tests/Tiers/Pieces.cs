using System.Buffers;
using Larder.Tiers;

namespace Larder.Tests.Tiers;

/// <summary>Bytes that lie in several pieces, as they come from a socket.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    internal static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, int firstCut, int secondCut) => new Cutter().Cut(bytes, firstCut, secondCut);

    private void Fill(ReadOnlyMemory<byte> bytes, int before, Pieces? next)
    {
        Memory = bytes;
        RunningIndex = before;
        Next = next;
    }

    /// <summary>Cuts again and again without allocating; the last cut's pieces are gone with the next.</summary>
    internal sealed class Cutter
    {
        private readonly byte[] _room = new byte[2048];
        private readonly Pieces _first = new(), _second = new(), _third = new();

        internal ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, int firstCut, int secondCut)
        {
            _first.Fill(bytes[..firstCut], 0, _second);
            _second.Fill(bytes[firstCut..secondCut], firstCut, _third);
            _third.Fill(bytes[secondCut..], secondCut, null);
            return new(_first, 0, _third, bytes.Length - secondCut);
        }

        /// <summary>Reads an envelope cut in three at random places.</summary>
        internal EnvelopeFault Read(ReadOnlySpan<byte> envelope, Random random)
        {
            envelope.CopyTo(_room);
            int one = random.Next(envelope.Length + 1), other = random.Next(envelope.Length + 1);
            return Envelope.Read(Cut(_room.AsMemory(0, envelope.Length), Math.Min(one, other), Math.Max(one, other)), out _, out _);
        }
    }
}
