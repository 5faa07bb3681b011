using Larder.Observability;

namespace Larder.Advising;

/// <summary>
/// Listens to what a running cache is asked for and says what another capacity or policy would do. Readers and writers push what happens to sampled keys; once a
/// second it is looked at.
/// </summary>
internal sealed class Advisor
{
    // So many entries tell what entries weigh on average; fewer, only if nothing is known yet.
    private const int FewestTelling = 64;

    private readonly AdviceOptions _options;
    private readonly EvictionPolicy _policy;
    private readonly PolicyMaker _make;
    private readonly Func<ReadCounts> _reads;
    private readonly uint _seed;
    private readonly SampleBuffer _heard;
    private readonly Lock _gate = new();

    // All below but the volatile fields is guarded by _gate. Begun when there is something to look at.
    private Study? _study;
    private long _capacity;
    private ReadCounts _before;

    private volatile Scale _scale;
    private volatile CacheAdvice _advice;

    /// <param name="options">How exactly.</param>
    /// <param name="policy">The cache's policy.</param>
    /// <param name="capacity">What it may hold.</param>
    /// <param name="make">Makes policies for miniatures.</param>
    /// <param name="reads">What the cache has counted since it was built.</param>
    internal Advisor(AdviceOptions options, EvictionPolicy policy, long capacity, PolicyMaker make, Func<ReadCounts> reads)
    {
        _options = options;
        _policy = policy;
        _make = make;
        _reads = reads;
        _capacity = capacity;
        _seed = options.Seed ?? (uint)Random.Shared.Next();
        _heard = new(() => reads().Total);
        _scale = new(capacity, options.Keys, _seed);
        _advice = Nothing(_scale);
    }

    /// <summary>What is known by now.</summary>
    internal CacheAdvice Advice => _advice;

    internal bool Samples(int hash) => _scale.Samples(hash);

    /// <summary>An entry has come that the advisor may want to hear of from now on.</summary>
    internal void Came(EvictionNode node)
    {
        if (!Samples(node.Hash)) return;
        node.Watch(true);
        _heard.Push(node.Hash, KeyEvent.Added);
    }

    /// <summary>An entry has left for another reason than eviction.</summary>
    internal void Left(EvictionNode node)
    {
        if (node.IsWatched) _heard.Push(node.Hash, KeyEvent.Removed);
    }

    /// <summary>Something happened to an entry that is watched.</summary>
    internal void Hear(EvictionNode node, KeyEvent what) => _heard.Push(node.Hash, what);

    /// <summary>A read found nothing, or nothing that was still alive.</summary>
    internal void HearMiss(int hash, bool hasLapsed)
    {
        if (Samples(hash)) _heard.Push(hash, hasLapsed ? KeyEvent.Lapsed : KeyEvent.Miss);
    }

    /// <summary>Looks at what was heard. Dropped when another thread is at it. Returns whether from now on other keys are in the sample.</summary>
    /// <param name="capacity">What the cache may hold now.</param>
    /// <param name="held">How many entries it holds.</param>
    /// <param name="weight">What they weigh.</param>
    internal bool Look(long capacity, long held, long weight)
    {
        if (!_gate.TryEnter()) return false;
        try
        {
            double entries = held > 0 && weight > 0 ? (double)capacity * held / weight : _scale.Entries * capacity / _capacity;
            bool isTelling = held >= FewestTelling || _study is null;
            bool begins = capacity != _capacity || (isTelling && Math.Abs(entries - _scale.Entries) * 4 > _scale.Entries);
            var heard = _heard.Turn(out long reads);
            if (begins) Begin(capacity, entries);
            else if (heard.Length > 0) LookAt(heard, reads);
            return begins;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Begin(long capacity, double entries)
    {
        _capacity = capacity;
        _study = null;
        _scale = new(entries, _options.Keys, _seed);
        _advice = Nothing(_scale);
        _before = _reads();
    }

    private void LookAt(ReadOnlySpan<long> heard, long reads)
    {
        var scale = _scale;
        _study ??= new(scale, _policy, Fading.OfLate(scale), _make, _seed + 1);
        foreach (long place in heard)
        {
            var (key, what) = SampleBuffer.Read(place);
            if (what != KeyEvent.None && scale.Samples(key)) _study.Hear(key, what);
        }

        var now = _reads();
        _study.End(new(scale.Rate * reads, now.Total - _before.Total, now.Served - _before.Served));
        _before = now;
        _advice = _study.Conclude(_capacity);
    }

    private CacheAdvice Nothing(Scale scale) =>
        new() { SamplesNeeded = 2L * Study.EnoughOf(scale), SamplingRate = scale.Rate, Capacity = _capacity, Policy = _policy.Name };
}
