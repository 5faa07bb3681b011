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

    /// <summary>
    /// If given, the entry is written only where the key is still in that state; so what was loaded some time ago does not take the place of what was
    /// written or removed since. A tier that never calls <see cref="ITierReceiver.Stamped"/> need not look at it. Default: null, over whatever is there.
    /// </summary>
    public TierStamp? Over { get; init; }
}
