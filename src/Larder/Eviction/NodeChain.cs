using System.Numerics;

namespace Larder.Eviction;

/// <summary>Nodes in an order, oldest to newest, of which any can be found, taken out and added at either end in constant time.</summary>
/// <remarks>
/// <para>
/// A list of chunks of neighbours. A node keeps its place, 4 bytes, where a node of a linked list keeps two references: so an
/// entry fits into one line of the processor's cache, and taking it out writes to none of its neighbours. docs/decisions/008
/// has what that is worth.
/// </para>
/// <para>
/// Nodes that leave make gaps. Two neighbouring chunks that have not more than <see cref="Sparse"/> nodes together become one,
/// so a chain takes at most four times the room that it needs, and the nodes that are moved are on average fewer than those
/// that left.
/// </para>
/// </remarks>
internal sealed class NodeChain<TPlace>(NodeChunks chunks) where TPlace : struct, INodePlace
{
    // Invariant: two chunks that are neighbours hold more than this between them, and no chunk is without a node.
    private const int Sparse = NodeChunk.Room / 2;

    private NodeChunk? _oldest;
    private NodeChunk? _newest;

    internal EvictionNode? Oldest => _oldest is { } chunk ? chunk.Nodes[chunk.Lowest] : null;

    internal EvictionNode? Newest => _newest is { } chunk ? chunk.Nodes[chunk.Highest] : null;

    /// <summary>The oldest node will be needed soon.</summary>
    internal void ExpectOldest()
    {
        if (Oldest is { } node) CacheLine.Fetch(ref node.Mark);
    }

    internal EvictionNode? NewerThan(EvictionNode node)
    {
        var chunk = ChunkOf(node, out int offset);
        uint newer = chunk.Held & (uint.MaxValue - 1 << offset);
        if (newer != 0) return chunk.Nodes[BitOperations.TrailingZeroCount(newer)];
        return chunk.Newer is { } next ? next.Nodes[next.Lowest] : null;
    }

    internal EvictionNode? OlderThan(EvictionNode node)
    {
        var chunk = ChunkOf(node, out int offset);
        uint older = chunk.Held & ((1u << offset) - 1);
        if (older != 0) return chunk.Nodes[BitOperations.Log2(older)];
        return chunk.Older is { } next ? next.Nodes[next.Highest] : null;
    }

    internal void AddNewest(EvictionNode node)
    {
        var chunk = _newest;
        if (chunk is null || chunk.Highest == NodeChunk.Room - 1) chunk = RoomAfter(chunk);
        Put(chunk, chunk.Held == 0 ? 0 : chunk.Highest + 1, node);
    }

    internal void AddOldest(EvictionNode node)
    {
        var chunk = _oldest;
        if (chunk is null || chunk.Lowest == 0) chunk = RoomBefore(chunk);
        Put(chunk, (chunk.Held == 0 ? NodeChunk.Room : chunk.Lowest) - 1, node);
    }

    /// <summary>Takes out a node of this chain.</summary>
    internal void Remove(EvictionNode node)
    {
        var chunk = ChunkOf(node, out int offset);
        chunk.Nodes[offset] = null;
        chunk.Held &= ~(1u << offset);
        TPlace.Of(node) = 0;
        int count = chunk.Count;
        if (count >= Sparse) return;
        if (count == 0) Unlink(chunk);
        else if (chunk.Newer is { } newer && count + newer.Count <= Sparse) Merge(chunk, newer);
        else if (chunk.Older is { } older && count + older.Count <= Sparse) Merge(older, chunk);
    }

    /// <summary>Puts another node in the place of one of this chain.</summary>
    internal void Replace(EvictionNode node, EvictionNode by)
    {
        var chunk = ChunkOf(node, out int offset);
        chunk.Nodes[offset] = by;
        (TPlace.Of(by), TPlace.Of(node)) = (TPlace.Of(node), 0);
    }

    private NodeChunk ChunkOf(EvictionNode node, out int offset)
    {
        int place = TPlace.Of(node);
        offset = place & (NodeChunk.Room - 1);
        var chunk = chunks.Of(place);
        if (chunk?.Chain != this || chunk.Nodes[offset] != node) throw new InvalidOperationException("The node is not in this list.");
        return chunk;
    }

    private static void Put(NodeChunk chunk, int offset, EvictionNode node)
    {
        chunk.Nodes[offset] = node;
        chunk.Held |= 1u << offset;
        TPlace.Of(node) = chunk.PlaceAt(offset);
    }

    private NodeChunk RoomAfter(NodeChunk? newest)
    {
        if (newest?.Count <= Sparse)
        {
            Pack(newest, first: 0);
            return newest;
        }

        var chunk = chunks.Take(this);
        chunk.Older = newest;
        if (newest is null) _oldest = chunk;
        else newest.Newer = chunk;
        return _newest = chunk;
    }

    private NodeChunk RoomBefore(NodeChunk? oldest)
    {
        if (oldest?.Count <= Sparse)
        {
            Pack(oldest, first: NodeChunk.Room - oldest.Count);
            return oldest;
        }

        var chunk = chunks.Take(this);
        chunk.Newer = oldest;
        if (oldest is null) _newest = chunk;
        else oldest.Older = chunk;
        return _oldest = chunk;
    }

    private void Unlink(NodeChunk chunk)
    {
        if (chunk.Older is null) _oldest = chunk.Newer;
        else chunk.Older.Newer = chunk.Newer;
        if (chunk.Newer is null) _newest = chunk.Older;
        else chunk.Newer.Older = chunk.Older;
        chunks.Return(chunk);
    }

    // All into the older chunk, without gaps.
    private void Merge(NodeChunk older, NodeChunk newer)
    {
        int count = older.Count;
        Pack(older, first: 0);
        Fill(older, count, newer.Nodes, newer.Held);
        newer.Nodes = default;
        newer.Held = 0;
        Unlink(newer);
    }

    // The chunk's nodes in the same order, without gaps.
    private static void Pack(NodeChunk chunk, int first)
    {
        var (nodes, held) = (chunk.Nodes, chunk.Held);
        (chunk.Nodes, chunk.Held) = (default, 0);
        Fill(chunk, first, nodes, held);
    }

    private static void Fill(NodeChunk chunk, int first, in NodeChunk.Slots nodes, uint held)
    {
        for (; held != 0; held &= held - 1) Put(chunk, first++, nodes[BitOperations.TrailingZeroCount(held)]!);
    }
}
