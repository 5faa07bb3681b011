namespace Larder.Eviction;

/// <summary>
/// Least frequently used, in constant time (Shah, Mitra and Matani, 2010): entries of one frequency form a list, least
/// recently used first, and the lists form one by frequency. Before a count overflows, all are halved.
/// </summary>
internal sealed class Lfu : IEvictionPolicy
{
    private readonly SortedFrequencies _frequencies = new();

    // The entry that came last. It has been used least, but came to stay: another leaves for it.
    private EvictionNode? _newest;

    public int UsesWanted => 0;

    public void OnAdd(EvictionNode node)
    {
        node.RecordsUses = true;
        node.Count = 1;
        _frequencies.Add(node);
        _newest = node;
    }

    public void OnTouch(EvictionNode node)
    {
        if (node.Count == ushort.MaxValue) _frequencies.Halve();
        _frequencies.Raise(node);
    }

    public void OnReplace(EvictionNode node, EvictionNode by)
    {
        _frequencies.ListOf(node).Replace(node, by);
        if (_newest == node) _newest = by;
    }

    public void OnRemove(EvictionNode node)
    {
        _frequencies.Remove(node);
        if (_newest == node) _newest = null;
    }

    public EvictionNode Evict()
    {
        // Bounded by the entries: each turn gives one the use that was not reported.
        var victim = _frequencies.Least(except: _newest);
        for (int turns = _frequencies.Count; turns > 0 && victim.TakeUses() > 0; turns--)
        {
            OnTouch(victim);
            victim = _frequencies.Least(except: _newest);
        }

        _frequencies.Remove(victim);
        return victim;
    }

    public void Resize(long capacity) { }
}
