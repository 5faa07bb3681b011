namespace Larder;

/// <summary>A doubly linked list threaded through the entries themselves, oldest to newest. Every operation is constant time.</summary>
/// <remarks>
/// A node is in at most one list. The list closes into a ring through a node of its own, so that linking and unlinking
/// have no ends to treat apart.
/// </remarks>
public sealed class EntryList
{
    // Invariant: _ring.Newer is the oldest node and _ring.Older the newest; both are _ring itself when the list is empty.
    private readonly Ends _ring = new();

    /// <summary>Creates an empty list.</summary>
    public EntryList() => _ring.Newer = _ring.Older = _ring;

    /// <summary>How many nodes the list holds.</summary>
    public int Count { get; private set; }

    /// <summary>The sum of their weights.</summary>
    public long Weight { get; private set; }

    /// <summary>The node that has been here longest, or null.</summary>
    public EvictionNode? Oldest => AsNode(_ring.Newer);

    /// <summary>The node that came last, or null.</summary>
    public EvictionNode? Newest => AsNode(_ring.Older);

    /// <summary>The next newer node, or null after the newest.</summary>
    public EvictionNode? NewerThan(EvictionNode node) => AsNode(node.Newer);

    /// <summary>The next older node, or null after the oldest.</summary>
    public EvictionNode? OlderThan(EvictionNode node) => AsNode(node.Older);

    /// <summary>Puts a node that is in no list at the newest end.</summary>
    public void AddNewest(EvictionNode node) => Insert(node, _ring.Older!, _ring);

    /// <summary>Puts a node that is in no list at the oldest end.</summary>
    public void AddOldest(EvictionNode node) => Insert(node, _ring, _ring.Newer!);

    /// <summary>Takes a node of this list out of it.</summary>
    public void Remove(EvictionNode node)
    {
        Unlink(node);
        node.Newer = node.Older = null;
        Count--;
        Weight -= node.Weight;
    }

    /// <summary>Moves a node of this list to the newest end.</summary>
    public void MoveToNewest(EvictionNode node)
    {
        if (node.Newer == _ring) return;
        Unlink(node);
        Link(node, _ring.Older!, _ring);
    }

    /// <summary>Puts <paramref name="by"/>, which is in no list, where <paramref name="node"/> was, with its segment, count and mark.</summary>
    public void Replace(EvictionNode node, EvictionNode by)
    {
        by.Segment = node.Segment;
        by.Count = node.Count;
        by.Mark = node.Mark;
        Link(by, node.Older!, node.Newer!);
        node.Newer = node.Older = null;
        Weight += by.Weight - node.Weight;
    }

    private void Insert(EvictionNode node, EvictionNode older, EvictionNode newer)
    {
        Link(node, older, newer);
        Count++;
        Weight += node.Weight;
    }

    private static void Link(EvictionNode node, EvictionNode older, EvictionNode newer)
    {
        node.Older = older;
        node.Newer = newer;
        older.Newer = node;
        newer.Older = node;
    }

    private static void Unlink(EvictionNode node)
    {
        node.Older!.Newer = node.Newer;
        node.Newer!.Older = node.Older;
    }

    private EvictionNode? AsNode(EvictionNode? node) => node == _ring ? null : node;

    private sealed class Ends() : EvictionNode(0);
}
