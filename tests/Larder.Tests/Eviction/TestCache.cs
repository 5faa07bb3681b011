namespace Larder.Tests.Eviction;

/// <summary>Calls a policy as the cache does, and checks that it gives back only what it holds.</summary>
internal sealed class TestCache(IEvictionPolicy policy, long capacity)
{
    private readonly Dictionary<int, TestNode> _held = [];

    public TestCache(EvictionPolicy policy, long capacity, uint seed = 1)
        : this(policy.Create(capacity, seed), capacity)
    {
    }

    public long Weight { get; private set; }

    public int Count => _held.Count;

    public long Capacity => capacity;

    public IEnumerable<int> Keys => _held.Keys.Order();

    public TestNode this[int key] => _held[key];

    /// <summary>Asks for a key, and adds it if it is not held.</summary>
    /// <returns>Whether it was held.</returns>
    public bool Request(int key, long weight = 1)
    {
        if (_held.TryGetValue(key, out var node))
        {
            Use(node);
            return true;
        }

        node = new(key, weight);
        _held.Add(key, node);
        Weight += weight;
        policy.OnAdd(node);
        EvictExcess();
        return false;
    }

    public void RequestAll(params ReadOnlySpan<int> keys)
    {
        foreach (int key in keys) Request(key);
    }

    /// <summary>A use whose report found no room.</summary>
    public void UseUnreported(int key)
    {
        var node = _held[key];
        if (node.RecordsUses) node.Mark = EvictionNode.Recorded;
        else Use(node);
    }

    public void Replace(int key, long weight)
    {
        var node = _held[key];
        var by = new TestNode(key, weight);
        _held[key] = by;
        Weight += weight - node.Weight;
        policy.OnReplace(node, by);
        EvictExcess();
    }

    public void Remove(int key)
    {
        Assert.True(_held.Remove(key, out var node));
        Weight -= node.Weight;
        policy.OnRemove(node);
    }

    public void Resize(long to)
    {
        capacity = to;
        policy.Resize(to);
        EvictExcess();
    }

    public int Evict()
    {
        var node = Assert.IsType<TestNode>(policy.Evict());
        Assert.True(_held.TryGetValue(node.Key, out var held) && held == node, $"evicted {node.Key}, which is not held");
        _held.Remove(node.Key);
        Weight -= node.Weight;
        return node.Key;
    }

    public List<int> Drain()
    {
        var keys = new List<int>();
        while (_held.Count > 0) keys.Add(Evict());
        return keys;
    }

    private void Use(TestNode node)
    {
        if (node.RecordsUses)
        {
            node.Mark = EvictionNode.Unrecorded;
            policy.OnTouch(node);
        }
        else if (node.Mark < policy.UsesWanted)
        {
            node.Mark++;
        }
    }

    private void EvictExcess()
    {
        while (Weight > capacity) Evict();
    }
}
