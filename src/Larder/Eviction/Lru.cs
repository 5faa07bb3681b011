namespace Larder.Eviction;

/// <summary>Least recently used: an entry moves to the newest end when it is used, and leaves from the oldest.</summary>
internal sealed class Lru : IEvictionPolicy
{
    private readonly EntryList _entries = new();

    public int UsesWanted => 0;

    public void OnAdd(EvictionNode node)
    {
        node.RecordsUses = true;
        _entries.AddNewest(node);
    }

    public void OnTouch(EvictionNode node) => _entries.MoveToNewest(node);

    public void OnReplace(EvictionNode node, EvictionNode by) => _entries.Replace(node, by);

    public void OnRemove(EvictionNode node) => _entries.Remove(node);

    public EvictionNode Evict()
    {
        var oldest = _entries.OldestUnused();
        _entries.Remove(oldest);
        return oldest;
    }

    public void Resize(long capacity) { }
}
