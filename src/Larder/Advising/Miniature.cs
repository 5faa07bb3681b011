namespace Larder.Advising;

/// <summary>
/// A cache of some sampled keys under a policy of the usual kind, which it calls as a cache does (Waldspurger et al., "Cache Modeling and Optimization using Miniature
/// Simulations", ATC 2017).
/// </summary>
internal sealed class Miniature(IEvictionPolicy policy, int capacity)
{
    private readonly Dictionary<int, Node> _held = [];
    private readonly int _usesWanted = policy.UsesWanted;

    /// <summary>Whether it holds the key; if so, uses it.</summary>
    public bool TryUse(int key)
    {
        if (!_held.TryGetValue(key, out var node)) return false;
        if (node.RecordsUses) policy.OnTouch(node);
        else if (node.Mark < _usesWanted) node.Mark++;
        return true;
    }

    /// <summary>Brings in a key that it may or may not hold.</summary>
    public void Add(int key)
    {
        if (_held.ContainsKey(key)) return;
        var node = new Node(key);
        _held.Add(key, node);
        policy.OnAdd(node);
        if (_held.Count > capacity) _held.Remove(policy.Evict().Hash);
    }

    public void Remove(int key)
    {
        if (_held.Remove(key, out var node)) policy.OnRemove(node);
    }

    private sealed class Node(int key) : EvictionNode(key);
}
