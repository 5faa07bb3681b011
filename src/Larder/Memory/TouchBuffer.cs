using System.Runtime.CompilerServices;
using Larder.Advising;

namespace Larder.Memory;

/// <summary>
/// Uses on their way to the policy of one shard. Readers push without a lock and without waiting; whoever holds the
/// shard's lock drains.
/// </summary>
/// <remarks>
/// Lossy by design: two readers that push at once may overwrite one another, and a full buffer refuses. What is lost here
/// still shows in the entry's mark, which stays <see cref="EvictionNode.Recorded"/> until the policy looks at it.
/// </remarks>
/// <param name="values">Whose policy it is.</param>
internal sealed class TouchBuffer(Population values)
{
    private const int Size = 128;

    // A slot is written by readers and emptied under the shard's lock.
    private Slots _slots;

    // How many were pushed since the last drain, give or take what readers lose to each other.
    private int _pushed;

    /// <summary>A reader or a writer met an entry whose mark is not full.</summary>
    internal void Touch(EvictionNode node, KeyEvent what)
    {
        // Read once: since the caller looked, another reader may have filled it, and the advisor may have begun or ceased to watch.
        sbyte mark = node.Mark;
        if (mark >= 0)
        {
            if (mark < EvictionNode.MostUses) node.Mark = (sbyte)(mark + 1);
            return;
        }

        if (mark < EvictionNode.Unrecorded && !values.Hear(node, what)) return;
        node.PlainMark = EvictionNode.Recorded;
        Push(node);
    }

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
