using Larder.Advising;
using Larder.Eviction;

namespace Larder.Memory;

/// <summary>
/// The entries of one shard that compete for one capacity, and the policy among them: the values, or the remembered
/// absences where these have a capacity of their own. Guarded by the shard's lock.
/// </summary>
/// <param name="policy">Who leaves.</param>
/// <param name="bound">The capacity.</param>
/// <param name="shard">The shard's number.</param>
/// <param name="advisor">Who wants to hear of some of the entries; null for nobody.</param>
internal sealed class Population(IEvictionPolicy policy, CapacityBound bound, int shard, Advisor? advisor = null)
{
    internal readonly IEvictionPolicy Policy = policy;
    private readonly IForesight? _foresight = policy as IForesight;

    internal readonly Advisor? Advisor = advisor;

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
        Advisor?.Came(node);
    }

    internal void Replace(EvictionNode node, EvictionNode by)
    {
        Weight += by.Weight - node.Weight;
        Policy.OnReplace(node, by);
        if (node.IsWatched) by.Watch(true);
    }

    internal void Remove(EvictionNode node)
    {
        Weight -= node.Weight;
        Count--;
        Policy.OnRemove(node);
        Advisor?.Left(node);
    }

    /// <summary>An entry that is watched, which every reader meets, was used: counts it as its policy does. Returns whether that wants it recorded.</summary>
    internal bool Hear(EvictionNode node, KeyEvent what)
    {
        Advisor?.Hear(node, what);
        sbyte mark = node.PlainMark;
        if (mark >= 0 && mark < UsesWanted) node.PlainMark = (sbyte)(mark + 1);
        return mark == EvictionNode.Unrecorded;
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
