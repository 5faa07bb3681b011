using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Tiers;

/// <summary>Writes a value's bytes.</summary>
internal delegate void RawWriter<in T>(Span<byte> room, T value);

/// <summary>Reads a value from exactly its bytes.</summary>
internal delegate T RawReader<out T>(ReadOnlySpan<byte> bytes);

/// <summary>Values that always take the same few bytes.</summary>
internal sealed class RawPayload<T>(int size, RawWriter<T> write, RawReader<T> read) : IHybridCacheSerializer<T>
{
    public void Serialize(T value, IBufferWriter<byte> target)
    {
        write(target.GetSpan(size)[..size], value);
        target.Advance(size);
    }

    public T Deserialize(ReadOnlySequence<byte> source)
    {
        if (source.Length != size) throw new FormatException($"A {typeof(T).Name} takes {size} bytes; there are {source.Length}.");
        if (source.IsSingleSegment) return read(source.FirstSpan);
        Span<byte> whole = stackalloc byte[size];
        source.CopyTo(whole);
        return read(whole);
    }
}
