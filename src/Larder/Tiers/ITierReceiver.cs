using System.Buffers;

namespace Larder;

/// <summary>Where a tier puts what it finds. <see cref="TierPayloads"/> is the one that keeps it.</summary>
/// <remarks>Different positions may be served by different threads at once; one position is served by one at a time.</remarks>
public interface ITierReceiver
{
    /// <summary>
    /// Where the payload of the key at that position is to be written. Asked again, it begins anew. What is written counts only
    /// when <see cref="Found"/> follows, so that a tier may write before it knows.
    /// </summary>
    IBufferWriter<byte> Buffer(int index);

    /// <summary>What was written to the position's buffer is its whole payload.</summary>
    void Found(int index);

    /// <summary>
    /// In which state the tier had the key, found or not: told by shared tiers that honour <see cref="TierEntry.Over"/>. <see cref="TierStamp.Nothing"/> says that it could not be asked for this
    /// key, though for others: what is loaded for it is not written there.
    /// </summary>
    void Stamped(int index, TierStamp stamp) { }
}
