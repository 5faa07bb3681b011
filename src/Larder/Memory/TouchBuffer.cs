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
    private readonly EvictionNode?[] _slots = new EvictionNode?[Size];

    // How many were pushed since the last drain, give or take what readers lose to each other.
    private int _pushed;

    internal bool IsEmpty => Volatile.Read(ref _pushed) == 0;

    internal bool IsFull => Volatile.Read(ref _pushed) >= Size;

    internal void Push(EvictionNode node)
    {
        int at = Volatile.Read(ref _pushed);
        if (at >= Size) return;
        _slots[at] = node;
        Volatile.Write(ref _pushed, at + 1);
    }

    /// <summary>Tells the policies, in order, of the uses of entries still held. Under the shard's lock.</summary>
    internal void Drain(Population values, Population? absences)
    {
        int pushed = Math.Min(Volatile.Read(ref _pushed), Size);
        for (int i = 0; i < pushed; i++)
        {
            var node = _slots[i];
            _slots[i] = null;

            // A node that has left its list is no longer the policy's; one seen twice has been reported already.
            if (node is not { Mark: EvictionNode.Recorded, Newer: not null }) continue;
            node.Mark = EvictionNode.Unrecorded;
            (((Expiry.TimedNode)node).IsAbsent ? absences ?? values : values).Policy.OnTouch(node);
        }

        Volatile.Write(ref _pushed, 0);
    }
}
