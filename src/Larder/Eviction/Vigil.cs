namespace Larder.Eviction;

/// <summary>When a <see cref="Tuner"/> looks: always, until its verdict has stood for long; from then on in watches, with rests between them.</summary>
/// <remarks>
/// <para>
/// The miniatures cost a quarter of a miss, and their memory goes from core to core with every use. Where nothing has changed
/// for long, that is paid for nothing. So a settled tuner rests until the cache has turned over a few times, counted in
/// evictions, for where nothing leaves no choice is made.
/// </para>
/// <para>
/// Only where the miniatures are as large as they get: smaller caches lost hits by it, for the little that they see must all be looked at.
/// </para>
/// <para>After a rest the miniatures hold what was current before it: the first quarter of a watch refills them and is not scored.</para>
/// <para>Guarded by the tuner's lock, but for <see cref="Rests"/>.</para>
/// </remarks>
internal sealed class Vigil
{
    // In samples, as multiples of what a miniature holds: how long a verdict must stand, and how long a watch is.
    private const int Settling = 32;
    private const int Watch = 8;
    private const int Refilling = 4;

    // How often the cache turns over in a rest.
    private const int RestTurns = 8;

    private long _settling;
    private long _watch;

    // Samples since the verdict changed, and since the last rest ended.
    private long _stood;
    private long _watched;
    private bool _hasRested;

    // Evictions until the rest ends.
    private long _rest;
    private volatile bool _rests;

    public bool Rests => _rests;

    /// <summary>Watches from now on, with miniatures that hold nothing yet; without ever resting where these are small.</summary>
    public void Begin(int miniature, bool isSmall)
    {
        _settling = isSmall ? long.MaxValue : (long)Settling * miniature;
        _watch = (long)Watch * miniature;
        Changed();
    }

    /// <summary>The verdict has changed.</summary>
    public void Changed()
    {
        _stood = 0;
        _hasRested = false;
        _rests = false;
    }

    /// <summary>So many samples were looked at in a cache of so many entries. Returns whether they count.</summary>
    public bool Saw(int samples, long entries)
    {
        _stood += samples;
        _watched += samples;
        if (_stood >= _settling && (!_hasRested || _watched >= _watch))
        {
            _rest = RestTurns * entries;
            _rests = _hasRested = true;
            return true;
        }

        return !_hasRested || _watched > _watch / Refilling;
    }

    /// <summary>So many entries were evicted.</summary>
    public void Evicted(int entries)
    {
        if (!_rests || (_rest -= entries) > 0) return;
        _watched = 0;
        _rests = false;
    }
}
