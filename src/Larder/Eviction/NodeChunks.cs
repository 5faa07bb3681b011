namespace Larder.Eviction;

/// <summary>The chunks of one chain, or of several that a node may be in one at a time: finds a chunk by its number, and uses those again that were left.</summary>
internal sealed class NodeChunks
{
    // By number. There is no chunk of number zero, for a place of zero is that of a node in no chain.
    private NodeChunk?[] _chunks = new NodeChunk?[2];
    private int _made;

    // Chunks out of use, linked by Newer.
    private NodeChunk? _free;

    /// <summary>The chunk of a place; null for one that no chunk has.</summary>
    internal NodeChunk? Of(int place) => (uint)place >> NodeChunk.PlaceBits is var number && number < (uint)_chunks.Length ? _chunks[number] : null;

    internal NodeChunk Take(object chain)
    {
        var chunk = _free ?? Make();
        if (chunk == _free) _free = chunk.Newer;
        chunk.Chain = chain;
        chunk.Newer = null;
        return chunk;
    }

    /// <summary>Takes back a chunk without nodes.</summary>
    internal void Return(NodeChunk chunk)
    {
        chunk.Chain = chunk.Older = null;
        chunk.Newer = _free;
        _free = chunk;
    }

    private NodeChunk Make()
    {
        if (++_made == _chunks.Length) Array.Resize(ref _chunks, _made * 2);
        return _chunks[_made] = new(_made);
    }
}
