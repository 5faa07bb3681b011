using Larder.Eviction;

namespace Larder.Memory;

/// <summary>
/// The entries of one shard that compete for one capacity, and the policy among them: the values, or the remembered
/// absences where these have a capacity of their own. Guarded by the shard's lock.
/// </summary>
internal sealed class Population(IEvictionPolicy policy, CapacityBound bound, int shard)
{
    internal readonly IEvictionPolicy Policy = policy;
    private readonly IForesight? _foresight = policy as IForesight;

    /// <summary>What marks count up to.</summary>
    internal readonly int UsesWanted = policy.UsesWanted;

    /// <summary>The weight of the entries held.</summary>
    internal long Weight { get; private set; }

    internal int Count { get; private set; }

    /// <summary>Whether an entry that is held is linked into a list: a policy of the user's own may do without.</summary>
    internal bool LinksEntries => Policy is not GuardedPolicy;

    /// <summary>
    /// Whether an entry must leave this shard. The last one stays, for it may rightly outweigh the shard's share: then
    /// other shards give way.
    /// </summary>
    internal bool IsOverfull => Count > 1 && bound.Exceeds(shard, Weight);

    /// <summary>How many entries of this rank or a lower one may leave to make room for others.</summary>
    internal int SpareUpTo(Rank rank) => Policy is RankedPolicy ranked ? ranked.SpareUpTo(rank) : Count;

    /// <summary>Whether the whole cache holds too much and this shard has something to give.</summary>
    internal bool CanRelieve => SpareUpTo(Rank.High) > 0 && bound.IsExceeded;

    /// <summary>Whether an entry of this weight could never be held.</summary>
    internal bool Refuses(long weight) => weight > bound.Capacity;

    /// <summary>Whether others must leave before an entry of this weight comes, for the sum would be no number any more.</summary>
    internal bool Overflows(long weight) => Weight > long.MaxValue - weight && SpareUpTo(Rank.High) > 0;

    /// <summary>A key is about to be written.</summary>
    internal void Expect(int hash) => _foresight?.Expect(hash);

    internal void Add(EvictionNode node)
    {
        Weight += node.Weight;
        Count++;
        Policy.OnAdd(node);
    }

    internal void Replace(EvictionNode node, EvictionNode by)
    {
        Weight += by.Weight - node.Weight;
        Policy.OnReplace(node, by);
    }

    internal void Remove(EvictionNode node)
    {
        Weight -= node.Weight;
        Count--;
        Policy.OnRemove(node);
    }

    internal EvictionNode Evict()
    {
        var victim = Policy.Evict();
        Weight -= victim.Weight;
        Count--;
        return victim;
    }

    internal bool Publish() => bound.Publish(shard, Weight);

    internal void Resize() => Policy.Resize(bound.Share(shard));
}
