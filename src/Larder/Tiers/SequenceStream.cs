using System.Buffers;

namespace Larder.Tiers;

/// <summary>A sequence of bytes as a stream to read from.</summary>
internal sealed class SequenceStream(ReadOnlySequence<byte> bytes) : Stream
{
    private ReadOnlySequence<byte> _rest = bytes;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> room)
    {
        int count = (int)Math.Min(room.Length, _rest.Length);
        _rest.Slice(0, count).CopyTo(room);
        _rest = _rest.Slice(count);
        return count;
    }

    public override int Read(byte[] array, int offset, int count) => Read(array.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] array, int offset, int count) => throw new NotSupportedException();
}
