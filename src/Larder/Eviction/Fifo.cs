namespace Larder.Eviction;

/// <summary>First in, first out: an entry leaves in the order it came, however often it was used.</summary>
internal sealed class Fifo : IEvictionPolicy
{
    private readonly EntryList _entries = new();

    public int UsesWanted => 0;

    public void OnAdd(EvictionNode node) => _entries.AddNewest(node);

    public void OnTouch(EvictionNode node) { }

    public void OnReplace(EvictionNode node, EvictionNode by) => _entries.Replace(node, by);

    public void OnRemove(EvictionNode node) => _entries.Remove(node);

    public EvictionNode Evict()
    {
        var oldest = _entries.Oldest!;
        _entries.Remove(oldest);
        return oldest;
    }

    public void Resize(long capacity) { }
}
