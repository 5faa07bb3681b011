namespace Larder.Eviction;

/// <summary>
/// W-TinyLFU (Einziger, Friedman and Manes, ACM TOS 2017): newcomers live in an LRU window; what leaves it must pass
/// TinyLFU's filter against the oldest on probation; what is used on probation is protected. The window's share follows the
/// hit ratio by hill climbing (Einziger, Eytan, Friedman and Manes, Middleware 2018).
/// </summary>
internal sealed class WTinyLfu : IEvictionPolicy
{
    private const byte InWindow = 0;
    private const byte OnProbation = 1;
    private const byte Protected = 2;

    private readonly EntryList _window = new();
    private readonly EntryList _probation = new();
    private readonly EntryList _protected = new();
    private readonly AdmissionFilter _admission;
    private readonly WindowClimber _climber = new();
    private long _capacity;

    // Who left the window last and has not been judged: null when nobody has since an eviction.
    private EvictionNode? _candidate;

    internal WTinyLfu(long capacity, uint seed)
    {
        _capacity = capacity;
        _admission = new(capacity, seed);
    }

    public int UsesWanted => 0;

    private long WindowLimit => Math.Max(1, (long)(_capacity * _climber.Share));

    private long ProtectedLimit => (long)((_capacity - WindowLimit) * 0.8);

    public void OnAdd(EvictionNode node)
    {
        node.RecordsUses = true;

        // What outweighs the window is judged at once: it would push everyone else out of there.
        node.Segment = node.Weight > WindowLimit ? OnProbation : InWindow;
        ListOf(node).AddNewest(node);
        _candidate = node.Segment == OnProbation ? node : null;
        int count = _window.Count + _probation.Count + _protected.Count;
        _admission.Hold(count);
        _admission.Count(node);
        _climber.OnRequest(isHit: false, count);
        ShrinkWindow();
    }

    public void OnTouch(EvictionNode node)
    {
        _admission.Count(node);
        _climber.OnRequest(isHit: true, _window.Count + _probation.Count + _protected.Count);
        if (node.Segment != OnProbation)
        {
            ListOf(node).MoveToNewest(node);
            return;
        }

        Move(node, Protected);
        while (_protected.Weight > ProtectedLimit && _protected.Count > 1) Move(_protected.Oldest!, OnProbation);
    }

    public void OnReplace(EvictionNode node, EvictionNode by)
    {
        ListOf(node).Replace(node, by);
        if (_candidate == node) _candidate = by;
    }

    public void OnRemove(EvictionNode node)
    {
        ListOf(node).Remove(node);
        if (_candidate == node) _candidate = null;
    }

    public EvictionNode Evict()
    {
        ShrinkWindow();
        while (_probation.Count > 1 && _probation.Oldest!.TakeUses() > 0) OnTouch(_probation.Oldest!);
        var victim = _probation.Oldest ?? (_protected.Count > 0 ? _protected : _window).OldestUnused();

        if (_candidate is { Segment: OnProbation } candidate && candidate != victim && !_admission.Admits(candidate, victim)) victim = candidate;
        if (victim == _candidate) _candidate = null;
        ListOf(victim).Remove(victim);
        return victim;
    }

    public void Resize(long capacity) => _capacity = capacity;

    private void ShrinkWindow()
    {
        while (_window.Weight > WindowLimit && _window.Count > 1)
        {
            var oldest = _window.OldestUnused();
            Move(oldest, OnProbation);
            _candidate = oldest;
        }
    }

    private void Move(EvictionNode node, byte to)
    {
        ListOf(node).Remove(node);
        node.Segment = to;
        ListOf(node).AddNewest(node);
    }

    private EntryList ListOf(EvictionNode node) => node.Segment switch { InWindow => _window, OnProbation => _probation, _ => _protected };
}
