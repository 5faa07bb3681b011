using System.Buffers;

namespace Larder.Tiers;

/// <summary>Where a value becomes an envelope: a pooled buffer whose front is kept free for the header. Can be used again and again.</summary>
internal sealed class EnvelopeBuffer : IBufferWriter<byte>, IDisposable
{
    private readonly PooledBuffer _plain = new(Envelope.HeaderLength), _packed = new(Envelope.HeaderLength);

    /// <summary>How many bytes of payload have been written.</summary>
    internal int Length => _plain.Length - Envelope.HeaderLength;

    public void Advance(int count) => _plain.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _plain.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _plain.GetSpan(sizeHint);

    /// <summary>Packs what was written, if that is worth it, transforms it, and puts the header before it and the tags behind it. Valid until <see cref="Clear"/> or <see cref="Dispose"/>.</summary>
    internal ReadOnlyMemory<byte> Seal(EnvelopeHeader header, CompressionOptions? compression = null, IPayloadTransform? transform = null, TierKey key = default, TagSet tags = default)
    {
        if (_plain.Length == Envelope.HeaderLength) _plain.GetSpan(1); // Even an empty payload needs the room for its header.
        var payload = _plain.Written[Envelope.HeaderLength..];
        header = header with { Codec = compression is null ? PayloadCodec.None : Packing.Pack(payload.Span, compression, _packed), UnpackedLength = payload.Length };
        var (made, other) = header.Codec is PayloadCodec.None ? (_plain, _packed) : (_packed, _plain);
        if (transform is not null && header.Flags is EnvelopeFlags.None)
        {
            other.Clear();
            other.GetSpan(1);
            transform.Apply(made.Written.Span[Envelope.HeaderLength..], key.Bytes.Span, other);
            (made, header) = (other, header with { Flags = EnvelopeFlags.Transformed });
        }

        if (tags.Count > 0) TagTrailer.Write(made, tags);
        Envelope.Seal(made.Written.Span, header with { IsTagged = tags.Count > 0 });
        return made.Written;
    }

    internal void Clear()
    {
        _plain.Clear();
        _packed.Clear();
    }

    public void Dispose()
    {
        _plain.Dispose();
        _packed.Dispose();
    }
}
