namespace Larder.Eviction;

/// <summary>
/// S3-FIFO (Yang et al., SOSP 2023): what comes in waits in a FIFO of a tenth of the capacity; what is used twice there, or
/// comes back while it is remembered, enters the main FIFO, where each use earns another lap, three at the most.
/// </summary>
internal sealed class S3Fifo(long capacity) : IEvictionPolicy
{
    private const byte InSmall = 1;

    private readonly EntryList _small = new();
    private readonly EntryList _main = new();

    // Keys that left the small FIFO, as many as nine tenths of the capacity hold.
    private readonly GhostList _ghosts = new();

    // The entry that came last. The paper makes room before it brings the new entry in; here it is in already.
    private EvictionNode? _newest;
    private long _capacity = capacity;

    public int UsesWanted => 3;

    public void OnAdd(EvictionNode node)
    {
        _newest = node;
        if (_ghosts.Remove(node.Hash))
        {
            _main.AddNewest(node);
            return;
        }

        node.Segment = InSmall;
        _small.AddNewest(node);
    }

    public void OnTouch(EvictionNode node) { }

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
        while (true)
        {
            long waiting = _small.Weight - (_newest is { Segment: InSmall, IsListed: true } ? _newest.Weight : 0);
            bool mainHasOthers = _main.Count > (_newest is { Segment: not InSmall, IsListed: true } ? 1 : 0);
            bool fromSmall = _small.Count > 0 && (waiting >= Math.Max(1, _capacity / 10) || !mainHasOthers);
            if (!fromSmall) return EvictFromMain();
            var oldest = _small.Oldest!;
            _small.Remove(oldest);
            if (oldest.TakeUses() < 2)
            {
                long count = _small.Count + _main.Count + 1;
                _ghosts.Add(oldest.Hash, LruList.InEntries(_capacity - _capacity / 10, count, _small.Weight + _main.Weight + oldest.Weight));
                return oldest;
            }

            oldest.Segment = 0;
            _main.AddNewest(oldest);
            KeepNewestLast();
        }
    }

    public void Resize(long capacity) => _capacity = capacity;

    private EvictionNode EvictFromMain()
    {
        // Ends within four laps: each takes a use from every entry. Readers may add some, and must not keep us here.
        for (long turns = 4L * _main.Count; turns > 0 && _main.Oldest!.TakeUses() is var uses && uses > 0; turns--)
        {
            _main.Oldest!.PlainMark = (sbyte)(uses - 1);
            _main.MoveToNewest(_main.Oldest!);
            KeepNewestLast();
        }

        var victim = _main.Oldest!;
        _main.Remove(victim);
        return victim;
    }

    // What is spared goes before the entry for which room is made, which the paper brings in afterwards.
    private void KeepNewestLast()
    {
        if (_newest is { Segment: not InSmall, IsListed: true }) _main.MoveToNewest(_newest);
    }

    private EntryList ListOf(EvictionNode node) => node.Segment == InSmall ? _small : _main;
}
