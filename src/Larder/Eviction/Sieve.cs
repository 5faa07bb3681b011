namespace Larder.Eviction;

/// <summary>SIEVE (Zhang et al., NSDI 2024): a FIFO whose hand spares, once, what was read since its last visit.</summary>
internal sealed class Sieve : IEvictionPolicy
{
    private readonly EntryList _entries = new();

    // The next entry to examine; null means "start again from the oldest".
    // Invariant: when not null, it is in _entries.
    private EvictionNode? _hand;

    public int UsesWanted => 1;

    public void OnAdd(EvictionNode node) => _entries.AddNewest(node);

    public void OnTouch(EvictionNode node) { }

    public void OnReplace(EvictionNode node, EvictionNode by)
    {
        _entries.Replace(node, by);
        if (_hand == node) _hand = by;
    }

    public void OnRemove(EvictionNode node)
    {
        if (_hand == node) _hand = _entries.NewerThan(node);
        _entries.Remove(node);
    }

    public EvictionNode Evict()
    {
        var node = _hand ?? _entries.Oldest!;

        // Two laps at the most: the first clears every mark. Readers may set them again meanwhile, and must not keep us here.
        for (int spared = 0; spared < 2 * _entries.Count && node.TakeUses() > 0; spared++)
            node = Next(node) ?? _entries.Oldest!;

        _hand = Next(node);
        _entries.Remove(node);
        return node;
    }

    public void Resize(long capacity) { }

    // The newest is the entry for which room is made. The paper brings it in afterwards, so the hand stops before it.
    private EvictionNode? Next(EvictionNode node) => _entries.NewerThan(node) is { } newer && newer != _entries.Newest ? newer : null;
}
