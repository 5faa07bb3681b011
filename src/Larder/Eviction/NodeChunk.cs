using System.Numerics;
using System.Runtime.CompilerServices;

namespace Larder.Eviction;

/// <summary>A few neighbours of a chain, in order, with gaps where some have left.</summary>
internal sealed class NodeChunk(int number)
{
    /// <summary>How many nodes a chunk has room for, and how many bits of a place tell which of them it is.</summary>
    internal const int Room = 1 << PlaceBits;
    internal const int PlaceBits = 4;

    // What the chunk is part of; null while it is in use nowhere.
    internal object? Chain;

    internal NodeChunk? Newer;
    internal NodeChunk? Older;

    // Invariant: bit i of Held is set exactly when Nodes[i] is a node; oldest first. Within the object, for an array would be
    // another line that cores take from each other.
    internal uint Held;
    internal Slots Nodes;

    internal int Lowest => BitOperations.TrailingZeroCount(Held);

    internal int Highest => BitOperations.Log2(Held);

    internal int Count => BitOperations.PopCount(Held);

    internal int PlaceAt(int offset) => (number << PlaceBits) | offset;

    [InlineArray(Room)]
    internal struct Slots
    {
        private EvictionNode? _first;
    }
}
