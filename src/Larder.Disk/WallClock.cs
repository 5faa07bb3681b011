namespace Larder.Disk;

/// <summary>The instant now, in UTC ticks. The system's is read once a millisecond or so: a read of memory costs little more than the clock.</summary>
internal sealed class WallClock(TimeProvider provider)
{
    private readonly bool _isSystem = provider == TimeProvider.System;

    // The two may be of different milliseconds when threads meet here; either is right within one or two.
    private long _readAt = -1, _now;

    internal long Now
    {
        get
        {
            if (!_isSystem) return provider.GetUtcNow().UtcTicks;
            long at = Environment.TickCount64;
            return at == Volatile.Read(ref _readAt) ? Volatile.Read(ref _now) : Read(at);
        }
    }

    private long Read(long at)
    {
        long now = provider.GetUtcNow().UtcTicks;
        Volatile.Write(ref _now, now);
        Volatile.Write(ref _readAt, at);
        return now;
    }
}
