using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Hosting;

/// <summary>An entry of a distributed cache: its bytes, which nobody changes, and how long it may go unused and live at all.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Sliding">How long it lives without being used; zero for however long.</param>
/// <param name="End">When it ends at the latest, in ticks of UTC; the most there is for never.</param>
/// <param name="Written">When it was written, or last rewritten because it was used, in ticks of UTC.</param>
internal sealed record StoredBytes(byte[] Bytes, long Sliding, long End, long Written)
{
    internal static StoredBytes Of(byte[] bytes, DistributedCacheEntryOptions options, DateTimeOffset utc)
    {
        long end = options.AbsoluteExpiration?.UtcTicks ?? long.MaxValue;
        if (options.AbsoluteExpirationRelativeToNow is { } life) end = Math.Min(end, life.Ticks > long.MaxValue - utc.UtcTicks ? long.MaxValue : utc.UtcTicks + life.Ticks);
        return new(bytes, options.SlidingExpiration?.Ticks ?? 0, end, utc.UtcTicks);
    }
}

/// <summary>The entry's bytes behind a head of three numbers.</summary>
internal sealed class StoredBytesSerializer : IHybridCacheSerializer<StoredBytes>
{
    private const int HeadLength = 3 * sizeof(long);

    public void Serialize(StoredBytes value, IBufferWriter<byte> target)
    {
        var head = target.GetSpan(HeadLength);
        BinaryPrimitives.WriteInt64LittleEndian(head, value.Sliding);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], value.End);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], value.Written);
        target.Advance(HeadLength);
        target.Write(value.Bytes);
    }

    public StoredBytes Deserialize(ReadOnlySequence<byte> source)
    {
        if (source.Length < HeadLength) throw new FormatException($"An entry has at least {HeadLength} bytes; there are {source.Length}.");
        Span<byte> head = stackalloc byte[HeadLength];
        source.Slice(0, HeadLength).CopyTo(head);
        long sliding = BinaryPrimitives.ReadInt64LittleEndian(head);
        if (sliding < 0) throw new FormatException($"An entry goes unused for zero ticks or more; there are {sliding}.");
        return new(source.Slice(HeadLength).ToArray(), sliding, BinaryPrimitives.ReadInt64LittleEndian(head[8..]), BinaryPrimitives.ReadInt64LittleEndian(head[16..]));
    }
}
