namespace Larder.Tests.Eviction;

/// <summary>The smallest cache that treats a policy as the real one does: marks, recorded uses delivered before the next write, a bound by weight.</summary>
internal sealed class ReplayCache
{
    private const int BufferSize = 64;
    private readonly IEvictionPolicy[] _policies;
    private readonly long[] _capacities;
    private readonly long[] _weights;
    private readonly List<Node>[] _reports;
    private readonly Dictionary<long, Node> _entries = [];

    public ReplayCache(EvictionPolicy policy, long capacity, int shards = 1, uint seed = 1)
    {
        _capacities = [.. Enumerable.Range(0, shards).Select(i => capacity / shards + (i < capacity % shards ? 1 : 0))];
        _policies = policy.Create(_capacities, seed);
        _weights = new long[shards];
        _reports = [.. Enumerable.Range(0, shards).Select(_ => new List<Node>())];
    }

    public long Hits { get; private set; }

    public long Requests { get; private set; }

    public int Count => _entries.Count;

    public long Weight => _weights.Sum();

    public double HitRatio => 100.0 * Hits / Requests;

    public bool Holds(long key) => _entries.ContainsKey(key);

    public bool Get(long key, long weight = 1)
    {
        Requests++;
        if (_entries.TryGetValue(key, out var node))
        {
            Hits++;
            Touch(node);
            return true;
        }

        int hash = Hash(key);
        node = new Node(key, hash, (int)(((ulong)(uint)hash * (ulong)_policies.Length) >> 32), weight);
        Deliver(node.Shard);
        _policies[node.Shard].OnAdd(node);
        _entries.Add(key, node);
        _weights[node.Shard] += weight;
        Trim(node.Shard);
        return false;
    }

    public void Replace(long key, long weight)
    {
        if (!_entries.TryGetValue(key, out var node)) return;
        Deliver(node.Shard);
        var by = new Node(key, node.Hash, node.Shard, weight);
        _policies[node.Shard].OnReplace(node, by);
        _entries[key] = by;
        _weights[node.Shard] += weight - node.Weight;
        Trim(node.Shard);
    }

    public void Remove(long key)
    {
        if (!_entries.TryGetValue(key, out var node)) return;
        Deliver(node.Shard);
        _policies[node.Shard].OnRemove(node);
        Forget(node);
    }

    public void Resize(long capacity)
    {
        for (int shard = 0; shard < _policies.Length; shard++)
        {
            _capacities[shard] = capacity / _policies.Length;
            _policies[shard].Resize(_capacities[shard]);
            Trim(shard);
        }
    }

    /// <summary>Evicts everything, and checks that the policy handed out each entry it held once.</summary>
    public void Drain()
    {
        for (int shard = 0; shard < _policies.Length; shard++)
        {
            Deliver(shard);
            while (_weights[shard] > 0) EvictOne(shard);
        }

        Assert.Empty(_entries);
    }

    private void Trim(int shard)
    {
        while (_weights[shard] > _capacities[shard]) EvictOne(shard);
    }

    private void EvictOne(int shard)
    {
        var victim = (Node)_policies[shard].Evict();
        Assert.Same(victim, _entries[victim.Key]);
        Assert.Equal(shard, victim.Shard);
        Forget(victim);
    }

    private void Forget(Node node)
    {
        _entries.Remove(node.Key);
        _weights[node.Shard] -= node.Weight;
    }

    private void Touch(Node node)
    {
        if (node.Mark >= _policies[node.Shard].UsesWanted) return;
        if (node.Mark >= 0)
        {
            node.Mark++;
            return;
        }

        node.Mark = EvictionNode.Recorded;
        if (_reports[node.Shard].Count < BufferSize) _reports[node.Shard].Add(node);
    }

    private void Deliver(int shard)
    {
        foreach (var node in _reports[shard])
        {
            node.Mark = EvictionNode.Unrecorded;
            if (_entries.TryGetValue(node.Key, out var held) && held == node) _policies[shard].OnTouch(node);
        }

        _reports[shard].Clear();
    }

    // splitmix64's finalizer: the policies count on hashes well spread.
    private static int Hash(long key)
    {
        ulong x = (ulong)key * 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (int)(x >> 32);
    }

    private sealed class Node(long key, int hash, int shard, long weight) : EvictionNode(hash)
    {
        public long Key { get; } = key;

        public int Shard { get; } = shard;

        public override long Weight { get; } = weight;
    }
}
