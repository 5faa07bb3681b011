namespace Larder.Eviction;

/// <summary>
/// 2Q (Johnson and Shasha, VLDB 1994): what comes in waits in a FIFO of a quarter of the capacity; only a key that comes
/// back after it left the FIFO, while it is still remembered, enters the LRU of the rest.
/// </summary>
internal sealed class TwoQueue(long capacity) : IEvictionPolicy
{
    private const byte InFifo = 1;

    private readonly EntryList _fifo = new();
    private readonly EntryList _lru = new();

    // Keys that left the FIFO, as many as half of the capacity holds.
    private readonly GhostList _ghosts = new();

    // The entry that came last. The paper makes room before it brings the new entry in; here it is in already.
    private EvictionNode? _newest;
    private long _capacity = capacity;

    public int UsesWanted => 0;

    public void OnAdd(EvictionNode node)
    {
        node.RecordsUses = true;
        _newest = node;
        if (_ghosts.Remove(node.Hash))
        {
            _lru.AddNewest(node);
            return;
        }

        node.Segment = InFifo;
        _fifo.AddNewest(node);
    }

    public void OnTouch(EvictionNode node)
    {
        if (node.Segment != InFifo) _lru.MoveToNewest(node);
    }

    public void OnReplace(EvictionNode node, EvictionNode by)
    {
        ListOf(node).Replace(node, by);
        if (_newest == node) _newest = by;
    }

    public void OnRemove(EvictionNode node)
    {
        ListOf(node).Remove(node);
        if (_newest == node) _newest = null;
    }

    public EvictionNode Evict()
    {
        long waiting = _fifo.Weight - (_newest is { Segment: InFifo, IsListed: true } ? _newest.Weight : 0);
        bool fromFifo = waiting > Math.Max(1, _capacity / 4) || _lru.Count == 0 || (_lru.Count == 1 && _lru.Oldest == _newest && _fifo.Count > 0);
        var victim = fromFifo ? _fifo.Oldest! : _lru.OldestUnused();
        if (fromFifo) _ghosts.Add(victim.Hash, LruList.InEntries(_capacity / 2, _fifo.Count + _lru.Count, _fifo.Weight + _lru.Weight));
        ListOf(victim).Remove(victim);
        return victim;
    }

    public void Resize(long capacity) => _capacity = capacity;

    private EntryList ListOf(EvictionNode node) => node.Segment == InFifo ? _fifo : _lru;
}
