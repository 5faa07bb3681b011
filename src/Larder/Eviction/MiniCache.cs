namespace Larder.Eviction;

/// <summary>
/// A simulation of <see cref="AdaptivePolicy"/> under one fixed regime, over slots of <see cref="SampledKeys"/>: what the cache
/// would hold, were it always run that way and some hundred entries large.
/// </summary>
internal sealed class MiniCache
{
    private readonly SampledKeys _keys;
    private readonly int _lane;
    private readonly Regime _regime;
    private readonly int _capacity;
    private readonly int _windowTarget;
    private readonly SlotRing _window;
    private readonly SlotRing _main;
    private readonly UseSketch? _sketch;

    // When each slot's key last left, counted in evictions from one; zero is never. Null when the regime does not ask.
    private readonly int[]? _left;
    private int _evictions;

    public MiniCache(SampledKeys keys, int lane, Regime regime, int capacity, uint seed)
    {
        _keys = keys;
        _lane = lane;
        _regime = regime;
        _capacity = capacity;
        _windowTarget = (int)regime.Window(capacity);
        _window = new SlotRing(capacity + 1);
        _main = new SlotRing(capacity + 1);
        if (regime.Admission == Admission.Frequency) _sketch = new UseSketch(capacity, seed);
        if (regime.Admission == Admission.Reuse) _left = new int[keys.Slots];
    }

    /// <summary>The slot stands for another key now.</summary>
    public void Forget(int slot)
    {
        if (_left is not null) _left[slot] = 0;
    }

    /// <summary>A key that this cache did not hold was asked for.</summary>
    public void Miss(int slot)
    {
        _sketch?.Increment(_keys.Hash(slot));
        bool returned = _left is not null && _left[slot] != 0 && _evictions - _left[slot] < _capacity;
        if (returned) Enter(_main, slot, SampledKeys.InMain);
        else Enter(_window, slot, SampledKeys.InWindow);
        if (_window.Count + _main.Count > _capacity) Evict();
    }

    private void Enter(SlotRing queue, int slot, int where)
    {
        queue.Push(slot);
        _keys.SetLane(slot, _lane, where << SampledKeys.WhereShift);
    }

    private void Evict()
    {
        for (int patience = 2 * _capacity; _window.Count > _windowTarget || _main.Count == 0; patience--)
        {
            int slot = _window.Pop();
            int uses = TakeUses(slot, out _);
            if (uses > 0 && patience > 0)
            {
                if (_regime.Admission == Admission.Reuse) Enter(_main, slot, SampledKeys.InMain);
                else Enter(_window, slot, SampledKeys.InWindow);
            }
            else if (_regime.Admission == Admission.Frequency && _main.Count < _capacity - _windowTarget)
            {
                Enter(_main, slot, SampledKeys.InMain);
            }
            else
            {
                Leave(_main.Count > 0 && _sketch is not null ? Contest(slot) : slot);
                return;
            }
        }

        TurnToVictim();
        Leave(_main.Pop());
    }

    // Of a newcomer and the main queue's victim, the one with more uses in memory has the place; the other is returned.
    private int Contest(int newcomer)
    {
        int victim = TurnToVictim();
        if (_sketch!.Frequency(_keys.Hash(newcomer)) <= _sketch.Frequency(_keys.Hash(victim)) + _regime.Margin) return newcomer;
        _main.Pop();
        Enter(_main, newcomer, SampledKeys.InMain);
        return victim;
    }

    private int TurnToVictim()
    {
        for (int patience = 4 * _capacity; ; patience--)
        {
            int slot = _main.Peek();
            int turns = Math.Min(3, TakeUses(slot, out int left) + left);
            if (turns == 0 || patience == 0) return slot;
            _keys.SetLane(slot, _lane, (SampledKeys.InMain << SampledKeys.WhereShift) | ((turns - 1) << SampledKeys.TurnsShift));
            _main.Push(_main.Pop());
        }
    }

    private int TakeUses(int slot, out int turns)
    {
        int state = _keys.Lane(slot, _lane);
        int uses = state & SampledKeys.UsesMask;
        turns = (state >> SampledKeys.TurnsShift) & 3;
        if (uses == 0) return 0;
        _keys.SetLane(slot, _lane, state & ~SampledKeys.UsesMask);
        _sketch?.Increment(_keys.Hash(slot), uses);
        return uses;
    }

    private void Leave(int slot)
    {
        _keys.SetLane(slot, _lane, SampledKeys.Absent);
        _evictions++;
        if (_left is not null) _left[slot] = _evictions;
    }
}
