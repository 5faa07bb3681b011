namespace Larder.Eviction;

/// <summary>
/// ARC (Megiddo and Modha, FAST 2003): two LRUs, of entries seen once and more often, whose balance follows which of the
/// two would have kept the keys that come back.
/// </summary>
internal sealed class Arc(long capacity) : IEvictionPolicy
{
    private const byte Once = 1;

    private readonly EntryList _once = new();
    private readonly EntryList _often = new();
    private readonly GhostList _onceGhosts = new();
    private readonly GhostList _oftenGhosts = new();

    // The entry that came last, and whether it was remembered as seen often. The paper makes room before it brings the new
    // entry in; here it is in already.
    private EvictionNode? _newest;
    private bool _newestWasOften;
    private long _capacity = capacity;

    // What _once may hold. Invariant: 0 <= _target <= _capacity.
    private double _target;

    public int UsesWanted => 0;

    public void OnAdd(EvictionNode node)
    {
        node.RecordsUses = true;
        _newest = node;
        double once = _onceGhosts.Count, often = _oftenGhosts.Count;
        bool wasOnce = _onceGhosts.Remove(node.Hash);
        _newestWasOften = !wasOnce && _oftenGhosts.Remove(node.Hash);
        if (wasOnce) _target = Math.Min(_capacity, _target + Math.Max(1, often / once) * node.Weight);
        if (_newestWasOften) _target = Math.Max(0, _target - Math.Max(1, once / often) * node.Weight);
        if (wasOnce || _newestWasOften)
        {
            _often.AddNewest(node);
            return;
        }

        node.Segment = Once;
        _once.AddNewest(node);
    }

    public void OnTouch(EvictionNode node)
    {
        if (node.Segment == Once)
        {
            _once.Remove(node);
            node.Segment = 0;
            _often.AddNewest(node);
        }
        else
        {
            _often.MoveToNewest(node);
        }
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
        while (_once.Count > 0 && _once.Oldest!.TakeUses() > 0) OnTouch(_once.Oldest!);
        bool newestIsOnce = _newest is { Segment: Once, IsListed: true };
        long once = _once.Weight - (newestIsOnce ? _newest!.Weight : 0);
        bool oftenHasOthers = _often.Count > (_newest is { Segment: not Once, IsListed: true } ? 1 : 0);
        bool fromOnce = _once.Count > 0 && (!oftenHasOthers || (once > 0 && (once > _target || (_newestWasOften && once == (long)_target))));
        var victim = fromOnce ? _once.Oldest! : _often.OldestUnused();
        ListOf(victim).Remove(victim);

        // What fills the whole cache with keys seen once is a scan, and leaves no ghosts.
        long entries = LruList.InEntries(_capacity, _once.Count + _often.Count + 1, _once.Weight + _often.Weight + victim.Weight);
        if (!fromOnce) _oftenGhosts.Add(victim.Hash, entries);
        else _onceGhosts.Add(victim.Hash, entries);
        _onceGhosts.Trim(entries - _once.Count);
        _oftenGhosts.Trim(2 * entries - _once.Count - _often.Count - _onceGhosts.Count);
        return victim;
    }

    public void Resize(long capacity)
    {
        _capacity = capacity;
        _target = Math.Min(_target, capacity);
    }

    private EntryList ListOf(EvictionNode node) => node.Segment == Once ? _once : _often;
}
