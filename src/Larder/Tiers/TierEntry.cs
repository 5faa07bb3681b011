using System.Buffers;

namespace Larder;

/// <summary>What is written to a tier.</summary>
/// <param name="Key">Under which key.</param>
/// <param name="Payload">The bytes, which the tier keeps as they are.</param>
/// <param name="Until">
/// The instant from which the tier must not return it, and may drop it. <see cref="DateTimeOffset.MaxValue"/>: never. A tier may
/// drop it sooner, for want of room. An instant that has passed is a removal.
/// </param>
public readonly record struct TierEntry(TierKey Key, ReadOnlySequence<byte> Payload, DateTimeOffset Until)
{
    /// <summary>An entry whose payload lies in one piece.</summary>
    public TierEntry(TierKey key, ReadOnlyMemory<byte> payload, DateTimeOffset until) : this(key, new ReadOnlySequence<byte>(payload), until) { }
}
