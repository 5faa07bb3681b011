namespace Larder.Eviction;

/// <summary>Finds out, while a cache runs, which <see cref="Regime"/> suits what is asked of it. One for all shards of a cache.</summary>
/// <remarks>
/// <para>
/// A hashed sample of the keys (Waldspurger et al., SHARDS, FAST 2015) feeds one miniature cache per regime, all scaled down by
/// the same rate (Waldspurger et al., "Cache Modeling and Optimization using Miniature Simulations", ATC 2017). Their hits,
/// fading over 64 times their capacity, are compared every few samples; the leader becomes the verdict.
/// </para>
/// <para>
/// A change of regime costs the real cache misses, so the leader must lead by more than noise (a few standard deviations of a
/// count of hits) and by a share of the requests that grows with each recent change: a load that flips between two regimes
/// faster than a cache can follow soon stays with the one that is better on the whole.
/// </para>
/// <para>Up to <see cref="LeastSample"/> entries the sample is every key; beyond, the cost per request falls as the cache grows.</para>
/// </remarks>
internal sealed class Tuner
{
    // Miniatures hold a quarter of the entries within these bounds. Below the least, verdicts are noise; above the most, no better.
    public const int LeastSample = 256;
    private const int MostSample = 1536;
    private const int SampleShare = 4;

    private const int Horizon = 64;
    private const int RecentChanges = 256;
    private const double Lead = 0.002;
    private const double LeadPerChange = 1;
    private const double Noise = 2;

    // So that no sum overflows.
    private const long MostEntries = long.MaxValue / 16;

    private readonly Lock _gate = new();
    private readonly uint _seed;

    // All below but the two volatile fields is guarded by _gate.
    private readonly long[] _shardEntries;
    private readonly double[] _scores = new double[SampledKeys.Lanes];
    private readonly MiniCache[] _minis = new MiniCache[SampledKeys.Lanes];
    private readonly Vigil _vigil = new();
    private long _entries;
    private SampledKeys _keys = null!;
    private int _capacity;
    private int _judgeEvery;
    private double _fade;
    private double _changeFade;

    private double _requests;
    private double _changes;

    // Hits of each lane since last judged, a byte each. Invariant: _samples ≤ _judgeEvery ≤ 32, so that no byte overflows.
    private ulong _hits;
    private int _samples;

    private volatile uint _threshold;
    private volatile int _verdict = Regime.First;

    public Tuner(long[] shardCapacities, uint seed)
    {
        _seed = seed;
        _shardEntries = (long[])shardCapacities.Clone();
        Scale();
    }

    /// <summary>Which of <see cref="Regime.All"/> the cache should follow now.</summary>
    public int Verdict => _verdict;

    /// <summary>Whether the uses of a key are wanted here.</summary>
    public bool Samples(int hash) => HashMix.Mix(hash, _seed) <= _threshold;

    /// <summary>A sampled key was asked for, found or not. Dropped when another thread is at it.</summary>
    public void Use(int hash)
    {
        if (_vigil.Rests || !_gate.TryEnter()) return;
        try
        {
            // A node may have been chosen under a rate that no longer holds.
            if (Samples(hash)) UseLocked(hash);
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>A shard holds, or may hold, that many entries, and has evicted some since it last said so. Small changes are ignored.</summary>
    public void Report(int shard, long entries, int evicted)
    {
        lock (_gate)
        {
            _vigil.Evicted(evicted);
            ref long known = ref _shardEntries[shard];
            if (Math.Abs(entries - known) * 4 <= known) return;
            known = entries;
            Scale();
        }
    }

    // The sampling rate follows from the capacity. The miniatures start anew only when their own size changes.
    private void Scale()
    {
        long entries = 0;
        foreach (long shard in _shardEntries)
            entries = Math.Min(MostEntries, entries + Math.Clamp(shard, 1, MostEntries));
        _entries = entries;
        long sample = Math.Clamp(entries / SampleShare, LeastSample, MostSample);
        _threshold = entries <= sample ? uint.MaxValue : (uint)((double)sample / entries * uint.MaxValue);
        int capacity = (int)Math.Min(entries, sample);
        if (capacity == _capacity) return;

        _capacity = capacity;
        _keys = new SampledKeys(capacity + 1);
        for (int lane = 0; lane < _minis.Length; lane++)
            _minis[lane] = new MiniCache(_keys, lane, Regime.All[lane], capacity, _seed + 1);
        _judgeEvery = Math.Clamp(capacity / 2, 1, 32);
        _fade = Math.Pow(1 - 1.0 / (Horizon * capacity), _judgeEvery);
        _changeFade = Math.Pow(1 - 1.0 / (RecentChanges * capacity), _judgeEvery);
        _vigil.Begin(capacity, isSmall: capacity < MostSample);
        Array.Clear(_scores);
        _requests = _changes = 0;
        _hits = 0;
        _samples = 0;
    }

    private void UseLocked(int hash)
    {
        int slot = _keys.Find(hash);
        if (slot < 0)
        {
            slot = _keys.Add(hash);
            foreach (var mini in _minis) mini.Forget(slot);
        }

        ulong held = _keys.Use(slot);
        _hits += held;
        for (int lane = 0; lane < _minis.Length; lane++)
            if ((held >> (8 * lane) & 1) == 0) _minis[lane].Miss(slot);

        if (++_samples < _judgeEvery) return;
        if (_vigil.Saw(_samples, _entries)) Judge();
        _hits = 0;
        _samples = 0;
    }

    private void Judge()
    {
        int best = _verdict;
        for (int lane = 0; lane < _scores.Length; lane++)
            _scores[lane] = _scores[lane] * _fade + (byte)(_hits >> (8 * lane));
        for (int lane = 0; lane < _scores.Length; lane++)
            if (_scores[lane] > _scores[best]) best = lane;

        _requests = _requests * _fade + _samples;
        _changes *= _changeFade;

        double lead = _scores[best] - _scores[_verdict];
        if (lead <= Lead * (1 + LeadPerChange * _changes) * _requests + Noise * Math.Sqrt(lead)) return;
        _verdict = best;
        _changes++;
        _vigil.Changed();
    }
}
