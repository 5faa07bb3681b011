namespace Larder.Eviction;

/// <summary>Finds the window's share by hill climbing: goes on while the hit ratio rises, turns when it falls, and takes ever smaller steps.</summary>
internal sealed class WindowClimber
{
    private const double FirstStep = 0.0625;
    private const double Decay = 0.98;

    // A change of the hit ratio by this much is another workload: the steps start anew.
    private const double Upheaval = 0.05;

    private long _hits;
    private long _requests;
    private double _previous;
    private double _step = FirstStep;

    /// <summary>The window's share of the capacity. Invariant: from 0.01 to 0.8.</summary>
    internal double Share { get; private set; } = 0.01;

    internal void OnRequest(bool isHit, long entries)
    {
        _requests++;
        if (isHit) _hits++;
        if (_requests < Math.Max(10 * entries, 64)) return;

        double ratio = (double)_hits / _requests, change = ratio - _previous;
        _hits = _requests = 0;
        _previous = ratio;
        double direction = change >= 0 ? _step : -_step;
        _step = Math.Abs(change) >= Upheaval ? Math.CopySign(FirstStep, direction) : direction * Decay;
        Share = Math.Clamp(Share + direction, 0.01, 0.8);
    }
}
