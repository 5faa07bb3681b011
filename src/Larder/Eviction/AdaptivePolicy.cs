namespace Larder.Eviction;

/// <summary>
/// The default: a window of new entries before a main queue, both turned like clocks, where the size of the window and the
/// way from the one to the other follow what suits the load.
/// </summary>
/// <remarks>
/// <para>
/// No single rule is best everywhere: recency wins on sessions, frequency on catalogues, a stubborn main queue on loops,
/// ghosts on block storage. But the good rules share one shape – new entries wait in a queue, and what proves itself moves to a
/// second – and differ in the length of the first and in the proof. Those two are a <see cref="Regime"/>. A <see cref="Tuner"/>
/// simulates eight of them on a sample of the keys and names the best; this class obeys, and drifts from one to the next
/// an eviction at a time.
/// </para>
/// <para>
/// Uses are marks left by readers, looked at only when an entry comes to the end of a queue: a used entry takes another turn
/// (in the main queue up to three), and its uses go to a <see cref="UseSketch"/>. Only sampled keys report uses one by one.
/// The sketch and the ghosts are kept in every regime, so that a new one finds them ready.
/// </para>
/// <para>
/// References: W-TinyLFU (Einziger et al., 2017), S3-FIFO (Yang et al., SOSP 2023), CAR (Bansal and Modha, FAST 2004).
/// Cost: 6.5 bytes per entry (10.5 in caches of under 8,000) and, per cache, from 20 kB (ten entries) to 500 kB (6,000 and more); constant time, amortised, bounded by <see cref="Patience"/>.
/// </para>
/// </remarks>
internal sealed class AdaptivePolicy : IEvictionPolicy, IForesight
{
    private const byte InWindow = 1;
    private const byte InMain = 2;
    private const int MaxUses = 3;
    private const int TurnsShift = 2;

    // How many entries one eviction examines before it takes the next as it is. Bounds the time under the lock.
    private const int Patience = 256;

    // Evictions between two looks at how many entries the capacity amounts to.
    private const int CensusEvery = 1024;

    // Tables start for no more entries than this and double as the cache fills: a capacity in bytes says little.
    private const int FirstRoom = 1024;

    // A newcomer this often used is let in once in so many contests it lost: who guesses our hashes and warms one entry
    // against all others must not hold the cache shut (Caffeine does likewise).
    private const int WarmUses = 6;
    private const uint WarmChance = 128;

    private readonly Tuner _tuner;
    private readonly int _shard;
    private readonly EntryList _window = new();
    private readonly EntryList _main = new();
    private readonly UseSketch _sketch;
    private readonly GhostTable _ghosts;
    private long _capacity;
    private long _room;
    private uint _random;
    private uint _evictions;

    // Invariant: _regime is Regime.All[_verdict], and _windowTarget its window's share of _capacity.
    private int _verdict;
    private Regime _regime;
    private long _windowTarget;

    internal AdaptivePolicy(Tuner tuner, int shard, long capacity, uint seed)
    {
        _tuner = tuner;
        _shard = shard;
        _capacity = capacity;
        _room = Math.Max(1, capacity);
        while (_room > FirstRoom) _room -= _room / 2;
        _sketch = new UseSketch(_room, seed);
        _ghosts = new GhostTable(_room, seed);
        _random = seed | 1;
        Follow(tuner.Verdict);
    }

    public int UsesWanted => MaxUses;

    private long Count => (long)_window.Count + _main.Count;

    /// <summary>Makes the policies of one cache's shards, which learn together.</summary>
    public static IEvictionPolicy[] Create(long[] shardCapacities, uint seed)
    {
        var tuner = new Tuner(shardCapacities, HashMix.Mix(1, seed));
        var policies = new IEvictionPolicy[shardCapacities.Length];
        for (int shard = 0; shard < policies.Length; shard++)
            policies[shard] = new AdaptivePolicy(tuner, shard, shardCapacities[shard], HashMix.Mix(2 + shard, seed));
        return policies;
    }

    public void Expect(int hash)
    {
        _sketch.Expect(hash);
        if (_regime.Admission == Admission.Reuse) _ghosts.Expect(hash);
        _window.ExpectOldest();
        _main.ExpectOldest();
    }

    public void OnAdd(EvictionNode node)
    {
        int hash = node.Hash;
        if (_tuner.Samples(hash))
        {
            node.RecordsUses = true;
            _tuner.Use(hash);
        }

        _sketch.Increment(hash);
        if (_regime.Admission == Admission.Reuse && _ghosts.Remove(hash)) Enter(_main, InMain, node);
        else Enter(_window, InWindow, node);
        if (Count > _room) Grow();
    }

    public void OnTouch(EvictionNode node)
    {
        // Two low bits of the count: uses reported since the entry was last examined.
        if ((node.Count & MaxUses) < MaxUses) node.Count++;
        _tuner.Use(node.Hash);
    }

    public void OnReplace(EvictionNode node, EvictionNode by) => Queue(node).Replace(node, by);

    public void OnRemove(EvictionNode node) => Queue(node).Remove(node);

    public EvictionNode Evict()
    {
        if (_evictions++ % CensusEvery == 0) TakeCensus();
        if (_verdict != _tuner.Verdict) Follow(_tuner.Verdict);

        int patience = Patience;
        while (_main.Count == 0 || (_window.Count > 0 && _window.Weight > _windowTarget))
        {
            var node = _window.Oldest!;
            _ghosts.Expect(node.Hash);
            _sketch.Expect(node.Hash);
            int uses = TakeUses(node);
            bool patient = patience-- > 0;
            if (patient && uses > 0)
            {
                if (_regime.Admission == Admission.Reuse) Promote(node);
                else _window.MoveToNewest(node);
            }
            else if (patient && _regime.Admission == Admission.Frequency && _main.Weight + node.Weight <= _capacity - _windowTarget)
            {
                Promote(node);
            }
            else
            {
                return Leave(_main.Count > 0 && _regime.Admission == Admission.Frequency ? Contest(node, patience) : node);
            }
        }

        return Leave(TurnToVictim(patience));
    }

    public void Resize(long capacity)
    {
        _capacity = capacity;
        _evictions = 0;
        double meanWeight = Count == 0 ? 1 : Math.Max(1, (double)(_window.Weight + _main.Weight) / Count);
        _tuner.Report(_shard, Math.Max(1, (long)(capacity / meanWeight)), evicted: 0);
        Follow(_verdict);
    }

    // Of a newcomer and the main queue's victim, the one with more uses in memory has the place; the other is returned.
    private EvictionNode Contest(EvictionNode newcomer, int patience)
    {
        var victim = TurnToVictim(patience);
        int uses = _sketch.Frequency(newcomer.Hash);
        bool wins = uses > _sketch.Frequency(victim.Hash) + _regime.Margin || (uses >= WarmUses && NextRandom() % WarmChance == 0);
        if (!wins) return newcomer;
        Promote(newcomer);
        return victim;
    }

    private EvictionNode TurnToVictim(int patience)
    {
        while (true)
        {
            var node = _main.Oldest!;
            int turns = Math.Min(MaxUses, TakeUses(node) + (node.Count >> TurnsShift));
            if (turns == 0 || patience-- <= 0) return node;
            node.Count = (ushort)((turns - 1) << TurnsShift);
            _main.MoveToNewest(node);
        }
    }

    // The uses since the entry was last examined, whether reported or marked; they go to the sketch too.
    private int TakeUses(EvictionNode node)
    {
        int uses = Math.Min(MaxUses, node.TakeUses() + (node.Count & MaxUses));
        if (uses == 0) return 0;
        node.Count = (ushort)(node.Count & ~MaxUses);
        _sketch.Increment(node.Hash, uses);
        return uses;
    }

    private static void Enter(EntryList queue, byte segment, EvictionNode node)
    {
        node.Segment = segment;
        queue.AddNewest(node);
    }

    private void Promote(EvictionNode node)
    {
        _window.Remove(node);
        node.Count = 0;
        Enter(_main, InMain, node);
    }

    private EvictionNode Leave(EvictionNode node)
    {
        Queue(node).Remove(node);
        _ghosts.Add(node.Hash);
        return node;
    }

    private EntryList Queue(EvictionNode node) => node.Segment == InMain ? _main : _window;

    private void Follow(int verdict)
    {
        _verdict = verdict;
        _regime = Regime.All[verdict];
        _windowTarget = _regime.Window(_capacity);
    }

    // Called when the cache is full: what it holds now is what the capacity amounts to in entries.
    private void TakeCensus()
    {
        long entries = Count;
        _sketch.SetEntries(entries);
        _ghosts.SetEntries(entries);
        _tuner.Report(_shard, entries, CensusEvery);
    }

    private void Grow()
    {
        _room *= 2;
        _sketch.Grow(_room);
        _ghosts.Grow();
        _ghosts.SetEntries(_room);
    }

    private uint NextRandom()
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        return _random ^= _random << 5;
    }
}
