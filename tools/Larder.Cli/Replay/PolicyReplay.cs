using System.Diagnostics;
using Trace = Larder.Cli.Traces.Trace;

namespace Larder.Cli.Replay;

/// <summary>A trace through a policy, called just as the cache calls it, by one thread and with a table that costs nothing.</summary>
internal sealed class PolicyReplay
{
    private readonly IEvictionPolicy _policy;
    private readonly long _capacity;

    // One node per key for the whole replay: a policy forgets what it evicts, so the node can come back as new.
    private readonly Node[] _nodes;
    private int _usesWanted;
    private long _held;

    private PolicyReplay(Trace trace, IEvictionPolicy policy, long capacity)
    {
        _policy = policy;
        _capacity = capacity;
        _nodes = Array.ConvertAll(trace.Hashes, hash => new Node(hash));
        _usesWanted = policy.UsesWanted;
    }

    public static ReplayResult Run(Trace trace, EvictionPolicy policy, long capacity, ReplayOptions options)
    {
        // More room than there are keys changes no hit, and would only size the policy's tables.
        long room = Math.Min(capacity, trace.Unique);
        var replay = new PolicyReplay(trace, policy.Create(room, options.Seed), room);

        long hits = 0;
        long start = Stopwatch.GetTimestamp();
        for (int from = 0; from < trace.Requests.Length; from += ReplayOptions.ChunkRequests)
        {
            int length = Math.Min(ReplayOptions.ChunkRequests, trace.Requests.Length - from);
            hits += replay.Replay(trace.Requests.AsSpan(from, length));
            options.Pause(length);
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        return new(trace.Name, policy.Name, capacity, trace.Requests.Length, hits, elapsed);
    }

    private int Replay(ReadOnlySpan<int> requests)
    {
        int hits = 0;
        foreach (int key in requests)
        {
            var node = _nodes[key];
            if (node.Held)
            {
                hits++;
                if (node.Mark < 0) Touch(node);
                else if (node.Mark < _usesWanted) node.Mark++;
            }
            else
            {
                Add(node);
            }
        }

        return hits;
    }

    private void Touch(Node node)
    {
        _policy.OnTouch(node);
        _usesWanted = _policy.UsesWanted;
    }

    private void Add(Node node)
    {
        node.Arrive();
        _policy.OnAdd(node);
        _held++;
        while (_held > _capacity)
        {
            ((Node)_policy.Evict()).Held = false;
            _held--;
        }

        // A policy may change its mind, but only while it is called.
        _usesWanted = _policy.UsesWanted;
    }

    private sealed class Node(int hash) : EvictionNode(hash)
    {
        public bool Held;

        public void Arrive()
        {
            Held = true;
            Mark = 0;
            Segment = 0;
            Count = 0;
        }
    }
}
