using System.Buffers.Binary;
using Larder.TestKit;
using Larder.Tiers;

namespace Larder.Tests.Tiers;

/// <summary>A million envelopes that are not as they were written.</summary>
public sealed class EnvelopeFuzzTests
{
    private const int Rounds = 1_000_000;

    [Fact]
    public void A_million_mutated_envelopes_are_read_or_refused_and_nothing_else()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        var originals = Enumerable.Range(0, 64).Select(i => Sealed(random, payload: i * 5)).ToArray();
        byte[] room = new byte[1024];
        var cutter = new Pieces.Cutter();
        var counts = new int[Enum.GetValues<EnvelopeFault>().Length];
        for (int i = 0; i < 1000; i++) Try(originals[i % originals.Length], room, random, i, counts, cutter); // Compiles what is measured below.

        Array.Clear(counts);
        int wrong = -1, tried = 0;
        long bytes = Allocations.Of(() =>
        {
            for (int i = 0; i < Rounds && wrong < 0; i++, tried++)
                if (!Try(originals[i % originals.Length], room, random, i, counts, cutter)) wrong = i;
        });

        string run = $"{Seeds.Variable}={seed}";
        Assert.True(wrong < 0, $"With {run}, round {wrong} gave a value that was never written.");
        Assert.True(bytes < 10_000, $"With {run}, reading allocated {bytes} bytes.");
        Assert.Equal(tried, counts.Sum());
        foreach (var fault in new[] { EnvelopeFault.None, EnvelopeFault.Truncated, EnvelopeFault.Overlong, EnvelopeFault.NotAnEnvelope, EnvelopeFault.UnknownFormat, EnvelopeFault.Corrupt, EnvelopeFault.Malformed })
            Assert.True(counts[(int)fault] > 0, $"With {run}, no envelope was {fault}.");
    }

    // False when something was read that nobody wrote.
    private static bool Try(byte[] original, byte[] room, Random random, int round, int[] counts, Pieces.Cutter cutter)
    {
        int length = Mutate(original, room, random, out bool isResealed);
        var fault = Envelope.Read(room.AsSpan(0, length), out var header);
        var inPieces = round % 16 == 0 ? cutter.Read(room.AsSpan(0, length), random) : fault;
        counts[(int)fault]++;
        if (inPieces != fault) return false;
        if (fault is not EnvelopeFault.None) return header == default;
        return isResealed || room.AsSpan(0, length).SequenceEqual(original);
    }

    private static int Mutate(byte[] original, byte[] room, Random random, out bool isResealed)
    {
        int length = original.Length;
        original.CopyTo(room, 0);
        isResealed = false;
        switch (random.Next(9))
        {
            case 0: break;
            case 1: length = random.Next(length + 1); break;
            case 2: length += random.Next(1, 64); break;
            case 3: room[random.Next(length)] ^= (byte)(1 << random.Next(8)); break;
            case 4: random.NextBytes(room.AsSpan(random.Next(length), random.Next(1, 9))); break;
            case 5: random.NextBytes(room.AsSpan(0, length)); break;
            case 6: BinaryPrimitives.WriteUInt32LittleEndian(room.AsSpan(56), (uint)random.NextInt64(uint.MaxValue + 1L)); break;
            case 7: room[4] = (byte)random.Next(256); break;
            default:
                // A liar who knows the checksum: whatever stands in the header then, it is taken as it is or called malformed.
                random.NextBytes(room.AsSpan(random.Next(5, 63), 1));
                Reseal(room.AsSpan(0, length));
                isResealed = true;
                break;
        }

        return length;
    }

    private static void Reseal(Span<byte> envelope)
    {
        uint running = Crc32C.Append(Crc32C.Start, envelope[..12]);
        BinaryPrimitives.WriteUInt32LittleEndian(envelope[12..], Crc32C.Finish(Crc32C.Append(running, envelope[16..])));
    }

    private static byte[] Sealed(Random random, int payload)
    {
        byte[] envelope = new byte[Envelope.HeaderLength + payload];
        random.NextBytes(envelope);
        Envelope.Seal(envelope, new(EnvelopeHeader.HashOf("fuzz"), 3, 1000, 2000, 3000, EnvelopeHeader.Never) { UnpackedLength = payload });
        return envelope;
    }
}
