using System.Runtime.CompilerServices;

namespace Larder.Memory;

/// <summary>
/// Uses on their way to the policy of one shard. Readers push without a lock and without waiting; whoever holds the
/// shard's lock drains.
/// </summary>
/// <remarks>
/// Lossy by design: two readers that push at once may overwrite one another, and a full buffer refuses. What is lost here
/// still shows in the entry's mark, which stays <see cref="EvictionNode.Recorded"/> until the policy looks at it.
/// </remarks>
internal sealed class TouchBuffer
{
    private const int Size = 128;

    // A slot is written by readers and emptied under the shard's lock.
    private Slots _slots;

    // How many were pushed since the last drain, give or take what readers lose to each other.
    private int _pushed;

    internal void Push(EvictionNode node)
    {
        int at = Volatile.Read(ref _pushed);
        if (at >= Size) return;
        _slots[at] = node;
        Volatile.Write(ref _pushed, at + 1);
    }

    /// <summary>What was pushed, in order. Under the shard's lock, and followed by <see cref="Reset"/> or <see cref="Clear"/>.</summary>
    internal ReadOnlySpan<EvictionNode?> Drain() => ((ReadOnlySpan<EvictionNode?>)_slots)[..Math.Min(Volatile.Read(ref _pushed), Size)];

    internal void Reset()
    {
        int pushed = Volatile.Read(ref _pushed);
        if (pushed == 0) return;
        ((Span<EvictionNode?>)_slots)[..Math.Min(pushed, Size)].Clear();
        Volatile.Write(ref _pushed, 0);
    }

    /// <summary>
    /// As <see cref="Reset"/>, for all slots: readers that were overtaken may have left nodes beyond what was counted, which
    /// would be kept from the collector until as many are pushed again.
    /// </summary>
    internal void Clear()
    {
        ((Span<EvictionNode?>)_slots).Clear();
        Volatile.Write(ref _pushed, 0);
    }

    // Within the object: an array of references would check the type of each that is stored.
    [InlineArray(Size)]
    private struct Slots
    {
        private EvictionNode? _first;
    }
}
