using Larder.Eviction;

namespace Larder;

/// <summary>A list of entries, oldest to newest. Every operation is constant time, amortised, and moves a few entries at most.</summary>
/// <remarks>A node is in at most one list.</remarks>
public sealed class EntryList
{
    private readonly NodeChain<InList> _chain = new(new());

    /// <summary>How many nodes the list holds.</summary>
    public int Count { get; private set; }

    /// <summary>The sum of their weights.</summary>
    public long Weight { get; private set; }

    /// <summary>The node that has been here longest, or null.</summary>
    public EvictionNode? Oldest => _chain.Oldest;

    /// <summary>The node that came last, or null.</summary>
    public EvictionNode? Newest => _chain.Newest;

    internal void ExpectOldest() => _chain.ExpectOldest();

    /// <summary>The next newer node, or null after the newest.</summary>
    /// <exception cref="InvalidOperationException">The node is not in this list.</exception>
    public EvictionNode? NewerThan(EvictionNode node) => _chain.NewerThan(node);

    /// <summary>The next older node, or null after the oldest.</summary>
    /// <exception cref="InvalidOperationException">The node is not in this list.</exception>
    public EvictionNode? OlderThan(EvictionNode node) => _chain.OlderThan(node);

    /// <summary>Puts a node that is in no list at the newest end.</summary>
    /// <exception cref="InvalidOperationException">The node is in a list.</exception>
    public void AddNewest(EvictionNode node)
    {
        ThrowIfListed(node);
        _chain.AddNewest(node);
        Count++;
        Weight += node.Weight;
    }

    /// <summary>Puts a node that is in no list at the oldest end.</summary>
    /// <exception cref="InvalidOperationException">The node is in a list.</exception>
    public void AddOldest(EvictionNode node)
    {
        ThrowIfListed(node);
        _chain.AddOldest(node);
        Count++;
        Weight += node.Weight;
    }

    /// <summary>Takes a node of this list out of it.</summary>
    /// <exception cref="InvalidOperationException">The node is not in this list.</exception>
    public void Remove(EvictionNode node)
    {
        _chain.Remove(node);
        Count--;
        Weight -= node.Weight;
    }

    /// <summary>Moves a node of this list to the newest end.</summary>
    /// <exception cref="InvalidOperationException">The node is not in this list.</exception>
    public void MoveToNewest(EvictionNode node)
    {
        if (node == _chain.Newest) return;
        _chain.Remove(node);
        _chain.AddNewest(node);
    }

    /// <summary>Puts <paramref name="by"/>, which is in no list, where <paramref name="node"/> was, with its segment, count and mark.</summary>
    /// <exception cref="InvalidOperationException">The one is not in this list, or the other is in one.</exception>
    public void Replace(EvictionNode node, EvictionNode by)
    {
        ThrowIfListed(by);
        _chain.Replace(node, by);
        by.Segment = node.Segment;
        by.Count = node.Count;
        by.Mark = node.Mark;
        Weight += by.Weight - node.Weight;
    }

    private static void ThrowIfListed(EvictionNode node)
    {
        if (node.IsListed) throw new InvalidOperationException("The node is in a list already.");
    }

    private readonly struct InList : INodePlace
    {
        public static ref int Of(EvictionNode node) => ref node.ListPlace;
    }
}
