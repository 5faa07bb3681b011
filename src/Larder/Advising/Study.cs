namespace Larder.Advising;

/// <summary>Makes a policy for a miniature.</summary>
internal delegate IEvictionPolicy PolicyMaker(EvictionPolicy policy, long capacity, uint seed);

/// <summary>What was heard in one stretch of listening, as the cache's own counters have it.</summary>
/// <param name="Sampled">How many reads of sampled keys there should have been: the sampling rate times the reads.</param>
/// <param name="Reads">Reads of the cache since the stretch before.</param>
/// <param name="Hits">Those of them that hit.</param>
internal readonly record struct Stretch(double Sampled, long Reads, long Hits);

/// <summary>How long what was heard counts, in reads of the sample.</summary>
/// <param name="WarmUp">So many at first fill the miniatures and are not counted.</param>
/// <param name="HalveAt">When so many are counted, all counts are halved.</param>
internal readonly record struct Fading(int WarmUp, double HalveAt)
{
    /// <summary>For a cache that runs: it is full, and what it was asked for yesterday matters less.</summary>
    public static Fading OfLate(Scale scale) => new(Study.EnoughOf(scale), 131_072);

    /// <summary>For a trace, all of which counts.</summary>
    public static Fading None => new(0, double.PositiveInfinity);
}

/// <summary>
/// Simulates, on the sampled keys of one cache, the cache at other capacities and under other policies, and every LRU cache at once. For one thread.
/// </summary>
internal sealed class Study
{
    private static readonly double[] _times = [0.25, 0.5, 1, 2, Scale.Most];

    // Points of the LRU curve per capacity.
    private const int Steps = 16;

    private readonly Scale _scale;
    private readonly EvictionPolicy _policy;
    private readonly Fading _fading;
    private readonly List<Trial> _trials = [];
    private readonly LruCurve _curve;

    private Tally _reads;
    private double _expected;
    private double _cacheReads;
    private double _cacheHits;
    private bool _isWarm;

    // Reads of the sample: until all is warm, counted since, and in the stretch that has not ended.
    private long _warming;
    private long _counted;
    private long _unended;

    public Study(Scale scale, EvictionPolicy policy, Fading fading, PolicyMaker make, uint seed)
    {
        _scale = scale;
        _policy = policy;
        _fading = fading;
        _isWarm = fading.WarmUp == 0;
        _curve = new(scale.Depth);
        foreach (int capacity in _times.Select(scale.Times).Distinct()) Try(policy, capacity);
        foreach (var other in EvictionPolicy.All)
            if (other != policy && (other.Scales || scale.Rate >= 1)) Try(other, scale.Times(1));

        void Try(EvictionPolicy tried, int capacity) => _trials.Add(new(tried, capacity, new(make(tried, capacity, seed), capacity)));
    }

    private long Samples => _isWarm ? _fading.WarmUp + _counted : Math.Min(_warming, _fading.WarmUp);

    /// <summary>How many reads of the sample fill the miniatures, and how many more mean something.</summary>
    public static int EnoughOf(Scale scale) => Math.Max(1024, 8 * scale.Times(1));

    public void Hear(int key, KeyEvent what)
    {
        int uses = _curve.Hear(key, what);
        foreach (var trial in _trials) trial.Hear(key, what, uses);
        if (!what.IsRead) return;
        _reads.Add(uses);
        _unended++;
    }

    /// <summary>A stretch of listening is over.</summary>
    public void End(Stretch stretch)
    {
        _expected += stretch.Sampled;
        _cacheReads += stretch.Reads;
        _cacheHits += stretch.Hits;
        if (_isWarm)
        {
            _counted += _unended;
            if (_reads.Reads >= _fading.HalveAt) Fade(0.5);
        }
        else
        {
            _warming += _unended;
            _isWarm = _warming >= _fading.WarmUp;
            Fade(0);
        }

        _unended = 0;
    }

    /// <summary>What follows for a cache of this capacity.</summary>
    public CacheAdvice Conclude(long capacity) => new()
    {
        Samples = Samples,
        SamplesNeeded = _fading.WarmUp + EnoughOf(_scale),
        SamplingRate = _scale.Rate,
        Capacity = capacity,
        Policy = _policy.Name,
        MeasuredHitRatio = _cacheReads > 0 ? _cacheHits / _cacheReads : null,
        ExpectedHitRatio = OwnRatio(1),
        Capacities = [.. _times.Select(times => new CapacityEstimate(CacheAdvice.Scaled(capacity, times), OwnRatio(times))).DistinctBy(static estimate => estimate.Capacity)],
        LruCurve = [.. LruCurve(capacity)],
        Policies =
        [
            .. _trials.Where(trial => trial.Capacity == _scale.Times(1))
                .Select(trial => new PolicyEstimate(trial.Policy.Name, Ratio(trial.Hits)))
                .OrderByDescending(static estimate => estimate.HitRatio),
        ],
    };

    private double OwnRatio(double times) => Ratio(_trials.First(trial => trial.Policy == _policy && trial.Capacity == _scale.Times(times)).Hits);

    // At each step that holds more keys than the one before. What more capacity holds, less did not hold: an estimate that says otherwise is off.
    private IEnumerable<CapacityEstimate> LruCurve(long capacity)
    {
        double[] steps = [.. Enumerable.Range(1, Scale.Most * Steps).Select(static step => (double)step / Steps).DistinctBy(_scale.Times)];
        double most = 0;
        foreach (var (times, hits) in steps.Zip(_curve.Hits(steps.Select(_scale.Times))))
        {
            most = Math.Max(most, Ratio(hits));
            yield return new(CacheAdvice.Scaled(capacity, times), most);
        }
    }

    private double Ratio(Tally hits) => hits.RatioOf(_reads, _expected);

    private void Fade(double by)
    {
        foreach (var trial in _trials) trial.Fade(by);
        _curve.Fade(by);
        _reads.Fade(by);
        _expected *= by;
        _cacheReads *= by;
        _cacheHits *= by;
    }

    private sealed class Trial(EvictionPolicy policy, int capacity, Miniature cache)
    {
        private Tally _hits;

        public EvictionPolicy Policy => policy;

        public int Capacity => capacity;

        public Tally Hits => _hits;

        public void Fade(double by) => _hits.Fade(by);

        public void Hear(int key, KeyEvent what, int uses)
        {
            if (what.Takes)
            {
                cache.Remove(key);
                return;
            }

            bool isHeld = what.Uses && cache.TryUse(key);
            if (isHeld && what.IsRead) _hits.Add(uses);
            if (!isHeld && what.Brings) cache.Add(key);
        }
    }
}
