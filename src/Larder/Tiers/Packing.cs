using System.Buffers;
using System.IO.Compression;

namespace Larder.Tiers;

/// <summary>Compresses and decompresses payloads.</summary>
internal static class Packing
{
    /// <summary>Packs a payload if the options say so and if that makes it shorter.</summary>
    /// <returns>How it was packed; <see cref="PayloadCodec.None"/> when the payload is to be used as it is.</returns>
    internal static PayloadCodec Pack(ReadOnlySpan<byte> payload, CompressionOptions options, PooledBuffer packed)
    {
        packed.Clear();
        if (options.Codec is PayloadCodec.None || payload.Length < Math.Max(1, options.Threshold)) return PayloadCodec.None;
        int start = packed.Length;
        var room = packed.GetSpan(payload.Length)[..(payload.Length - 1)]; // Too little for what is not shorter.
        int length = options.Codec is PayloadCodec.Brotli ? Brotli(payload, room, options.Level) : Deflate(payload, packed, options.Level);
        if (length < 0 || length >= payload.Length)
        {
            packed.Clear();
            return PayloadCodec.None;
        }

        packed.Advance(length - (packed.Length - start));
        return options.Codec;
    }

    /// <summary>Unpacks exactly as many bytes as the header promised.</summary>
    /// <returns>False when the bytes do not unpack, or to another length, or to more than the limit.</returns>
    internal static bool TryUnpack(in ReadOnlySequence<byte> packed, in EnvelopeHeader header, int limit, PooledBuffer payload)
    {
        payload.Clear();
        if (header.UnpackedLength > limit) return false;
        if (header.Codec is PayloadCodec.None)
        {
            foreach (var piece in packed) payload.Write(piece.Span);
            return payload.Length == header.UnpackedLength;
        }

        using var source = new SequenceStream(packed);
        using Stream unpacking = header.Codec is PayloadCodec.Brotli ? new BrotliStream(source, CompressionMode.Decompress) : new DeflateStream(source, CompressionMode.Decompress);
        try
        {
            // A chunk at a time, so that a lie about the length costs no more than what is really there.
            while (payload.Length < header.UnpackedLength)
            {
                var room = payload.GetSpan(Math.Min(header.UnpackedLength - payload.Length, 4096));
                int count = unpacking.Read(room[..Math.Min(room.Length, header.UnpackedLength - payload.Length)]);
                if (count == 0) return false;
                payload.Advance(count);
            }

            return unpacking.ReadByte() < 0;
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    private static int Brotli(ReadOnlySpan<byte> payload, Span<byte> room, CompressionLevel level)
    {
        int quality = level switch { CompressionLevel.Fastest => 1, CompressionLevel.SmallestSize => 11, _ => 4 };
        return BrotliEncoder.TryCompress(payload, room, out int written, quality, window: 22) ? written : -1;
    }

    private static int Deflate(ReadOnlySpan<byte> payload, PooledBuffer packed, CompressionLevel level)
    {
        int start = packed.Length;
        using (var deflate = new DeflateStream(new BufferStream(packed), level)) deflate.Write(payload);
        return packed.Length - start;
    }
}
