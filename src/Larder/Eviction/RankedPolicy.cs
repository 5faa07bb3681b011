namespace Larder.Eviction;

/// <summary>How readily an entry leaves a full cache.</summary>
internal enum Rank : byte
{
    /// <summary>Before all others.</summary>
    Low,

    /// <summary>When the policy says so.</summary>
    Middle,

    /// <summary>After those.</summary>
    High,

    /// <summary>Only if there is no other, and then the newest.</summary>
    Pinned,
}

/// <summary>
/// Entries of a lower rank leave before those of a higher. Most are of the middle rank, among which a policy of the usual kind
/// chooses; the low and the high are a list each, by recency.
/// </summary>
/// <remarks>The rank of a node must not change while it is held. Where it is replaced by one of another rank, it loses its place.</remarks>
internal sealed class RankedPolicy(IEvictionPolicy middle, Func<EvictionNode, Rank> rankOf) : IEvictionPolicy
{
    private readonly Lru _low = new(), _high = new();
    private readonly EntryList _pinned = new();

    // How many entries of each rank there are.
    private readonly int[] _counts = new int[4];

    /// <summary>How many entries of this rank or a lower one may leave to make room.</summary>
    internal int SpareUpTo(Rank rank)
    {
        int spare = 0;
        for (var at = Rank.Low; at <= rank && at < Rank.Pinned; at++) spare += _counts[(int)at];
        return spare;
    }

    public int UsesWanted => middle.UsesWanted;

    public void OnAdd(EvictionNode node)
    {
        var rank = rankOf(node);
        _counts[(int)rank]++;
        if (rank == Rank.Pinned) _pinned.AddNewest(node);
        else PolicyOf(rank).OnAdd(node);
    }

    public void OnTouch(EvictionNode node)
    {
        if (rankOf(node) is var rank && rank != Rank.Pinned) PolicyOf(rank).OnTouch(node);
    }

    public void OnReplace(EvictionNode node, EvictionNode by)
    {
        var rank = rankOf(node);
        if (rank != rankOf(by))
        {
            OnRemove(node);
            OnAdd(by);
        }
        else if (rank == Rank.Pinned)
        {
            _pinned.Replace(node, by);
        }
        else
        {
            PolicyOf(rank).OnReplace(node, by);
        }
    }

    public void OnRemove(EvictionNode node)
    {
        var rank = rankOf(node);
        _counts[(int)rank]--;
        if (rank == Rank.Pinned) _pinned.Remove(node);
        else PolicyOf(rank).OnRemove(node);
    }

    public EvictionNode Evict()
    {
        var rank = (Rank)Array.FindIndex(_counts, static count => count > 0);
        _counts[(int)rank]--;
        if (rank != Rank.Pinned) return PolicyOf(rank).Evict();
        var newest = _pinned.Newest!;
        _pinned.Remove(newest);
        return newest;
    }

    public void Resize(long capacity) => middle.Resize(capacity);

    private IEvictionPolicy PolicyOf(Rank rank) => rank switch { Rank.Low => _low, Rank.Middle => middle, _ => _high };
}
