namespace Larder.Memory;

/// <summary>
/// Stands between a cache and a policy of the user's own. Where that throws, or names as its victim nothing or an entry that
/// is not held, the failure is counted, and the cache goes on: it holds the same entries, and another of them leaves.
/// </summary>
/// <remarks>
/// To know what is held, and to find another victim, takes a list and a table: about 40 bytes per entry, under such a policy
/// alone.
/// </remarks>
internal sealed class GuardedPolicy : IEvictionPolicy
{
    private readonly string _name;
    private readonly IEvictionPolicy _policy;
    private readonly PolicyFailures _failures;

    // What was added and has not left, in no order, and where in it each entry is.
    private readonly List<EvictionNode> _held = [];
    private readonly Dictionary<EvictionNode, int> _places = [];

    // Where in _held the next victim is that the policy fails to name: goes round, or the newcomer would always leave.
    private int _next;

    internal GuardedPolicy(string name, IEvictionPolicy? policy, PolicyFailures failures)
    {
        _name = name;
        _policy = policy ?? throw new ArgumentException($"The eviction policy '{name}' was created as null; it must be a policy.");
        _failures = failures;
        UsesWanted = policy.UsesWanted;
        if (UsesWanted is < 0 or > EvictionNode.MostUses) throw new ArgumentException($"UsesWanted of the eviction policy '{name}' is {UsesWanted}; it must be from 0 to {EvictionNode.MostUses}.");
    }

    /// <summary>As the policy said when it was created.</summary>
    public int UsesWanted { get; }

    public void OnAdd(EvictionNode node)
    {
        _places.Add(node, _held.Count);
        _held.Add(node);
        try
        {
            _policy.OnAdd(node);
        }
        catch (Exception error)
        {
            _failures.Add(_name, error);
        }
    }

    public void OnTouch(EvictionNode node)
    {
        try
        {
            _policy.OnTouch(node);
        }
        catch (Exception error)
        {
            _failures.Add(_name, error);
        }
    }

    public void OnReplace(EvictionNode node, EvictionNode by)
    {
        _places.Remove(node, out int place);
        _places.Add(by, place);
        _held[place] = by;
        try
        {
            _policy.OnReplace(node, by);
        }
        catch (Exception error)
        {
            _failures.Add(_name, error);
        }
    }

    public void OnRemove(EvictionNode node)
    {
        Release(node);
        try
        {
            _policy.OnRemove(node);
        }
        catch (Exception error)
        {
            _failures.Add(_name, error);
        }
    }

    public EvictionNode Evict()
    {
        try
        {
            EvictionNode? victim = _policy.Evict();
            if (victim is not null && Release(victim)) return victim;
            string what = victim is null ? "nothing" : "an entry that it does not hold";
            _failures.Add(_name, new InvalidOperationException($"The eviction policy '{_name}' named {what} as its victim."));
        }
        catch (Exception error)
        {
            _failures.Add(_name, error);
        }

        return EvictAnother();
    }

    public void Resize(long capacity)
    {
        try
        {
            _policy.Resize(capacity);
        }
        catch (Exception error)
        {
            _failures.Add(_name, error);
        }
    }

    private EvictionNode EvictAnother()
    {
        _next = (_next + 1) % _held.Count;
        var victim = _held[_next];
        Release(victim);
        try
        {
            _policy.OnRemove(victim);
        }
        catch (Exception)
        {
            // Its failure is counted already, and it need not know of this entry.
        }

        return victim;
    }

    // Returns whether it was held.
    private bool Release(EvictionNode node)
    {
        if (!_places.Remove(node, out int place)) return false;
        var last = _held[^1];
        _held.RemoveAt(_held.Count - 1);
        if (last == node) return true;
        _held[place] = last;
        _places[last] = place;
        return true;
    }
}
