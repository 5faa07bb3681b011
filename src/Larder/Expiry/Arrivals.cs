using System.Runtime.CompilerServices;

namespace Larder.Expiry;

/// <summary>
/// The entries that came last, not yet in the timing wheel. Of what comes into a full cache most leaves again soon, so it is told apart
/// first: what leaves from here has cost a store to come and one to go, and none of the wheel's work on the gaps it would leave.
/// </summary>
internal sealed class Arrivals
{
    private const int Room = 256;

    // Invariant: the place of an entry that waits here is the complement of its index, and so below zero.
    private Slots _nodes;
    private int _count;

    internal bool IsFull => _count == Room;

    /// <summary>Those that waited, with gaps where some have left.</summary>
    internal ReadOnlySpan<TimedNode?> Nodes => ((ReadOnlySpan<TimedNode?>)_nodes)[.._count];

    internal static bool Holds(TimedNode node) => node.WheelPlace < 0;

    internal void Add(TimedNode node)
    {
        node.WheelPlace = ~_count;
        _nodes[_count++] = node;
    }

    internal void Remove(TimedNode node)
    {
        _nodes[~node.WheelPlace] = null;
        node.WheelPlace = 0;
    }

    internal void Clear()
    {
        ((Span<TimedNode?>)_nodes)[.._count].Clear();
        _count = 0;
    }

    [InlineArray(Room)]
    private struct Slots
    {
        private TimedNode? _first;
    }
}
