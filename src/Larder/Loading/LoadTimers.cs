namespace Larder.Loading;

/// <summary>The time that a load takes, as those who wait for it see it, and what is done when it is too long. Guarded by the load.</summary>
internal struct LoadTimers
{
    private ITimer? _soft;
    private ITimer? _hard;
    private TimeSpan _spent; // What went by before it stood still.
    private long _since; // Since when it runs, by the timestamp; zero while it stands still.

    /// <summary>It runs from now on, if it does not run already. Returns since when.</summary>
    internal long Start(TimeProvider time) => _since == 0 ? _since = time.GetTimestamp() : _since;

    internal void ArmSoft(TimeProvider time, TimeSpan limit, TimerCallback late, object state) => _soft ??= time.CreateTimer(late, state, Left(time, limit), Timeout.InfiniteTimeSpan);

    internal void ArmHard(TimeProvider time, TimeSpan limit, TimerCallback late, object state) => _hard ??= time.CreateTimer(late, state, Left(time, limit), Timeout.InfiniteTimeSpan);

    /// <summary>It stands still until it is started again.</summary>
    internal void Stop(TimeProvider time)
    {
        if (_since == 0) return;
        _spent += time.GetElapsedTime(_since);
        _since = 0;
        Dispose();
    }

    internal void Dispose()
    {
        _soft?.Dispose();
        _hard?.Dispose();
        (_soft, _hard) = (null, null);
    }

    private readonly TimeSpan Left(TimeProvider time, TimeSpan limit)
    {
        var left = limit - _spent - time.GetElapsedTime(_since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
