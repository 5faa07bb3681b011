namespace Larder.Eviction;

/// <summary>An LRU before which TinyLFU's filter stands: a newcomer stays only if it was used more often than the entry that would leave.</summary>
internal sealed class TinyLfu(long capacity, uint seed) : IEvictionPolicy
{
    private readonly EntryList _entries = new();
    private readonly AdmissionFilter _admission = new(capacity, seed);

    // The entry that came last and has not been judged.
    private EvictionNode? _candidate;

    public int UsesWanted => 0;

    public void OnAdd(EvictionNode node)
    {
        node.RecordsUses = true;
        _entries.AddNewest(node);
        _admission.Hold(_entries.Count);
        _admission.Count(node);
        _candidate = node;
    }

    public void OnTouch(EvictionNode node)
    {
        _admission.Count(node);
        _entries.MoveToNewest(node);
    }

    public void OnReplace(EvictionNode node, EvictionNode by)
    {
        _entries.Replace(node, by);
        if (_candidate == node) _candidate = by;
    }

    public void OnRemove(EvictionNode node)
    {
        _entries.Remove(node);
        if (_candidate == node) _candidate = null;
    }

    public EvictionNode Evict()
    {
        var victim = _entries.OldestUnused();
        if (_candidate is { } candidate && candidate != victim)
        {
            if (!_admission.Admits(candidate, victim)) victim = candidate;
        }

        if (victim == _candidate) _candidate = null;
        _entries.Remove(victim);
        return victim;
    }

    public void Resize(long capacity) { }
}
