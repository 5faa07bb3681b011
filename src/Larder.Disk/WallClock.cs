using Larder.Memory;

namespace Larder.Disk;

/// <summary>The instant now, in UTC ticks. The system's is what the heartbeat keeps, some 10 ms exact: a read of memory costs little more than a clock.</summary>
internal sealed class WallClock : Heartbeat.IBeat, IDisposable
{
    // Null for the system's.
    private readonly TimeProvider? _provider;

    // What the coarse clock lacks to the wall clock, which may step: looked at each second.
    private long _offset;

    internal WallClock(TimeProvider provider)
    {
        if (provider != TimeProvider.System)
        {
            _provider = provider;
            return;
        }

        Heartbeat.Register(this);
        Beat();
    }

    internal long Now => _provider is null ? Volatile.Read(ref _offset) + CoarseClock.Now : _provider.GetUtcNow().UtcTicks;

    public void Beat()
    {
        CoarseClock.Advance();
        Volatile.Write(ref _offset, TimeProvider.System.GetUtcNow().UtcTicks - CoarseClock.Now);
    }

    public void Dispose()
    {
        if (_provider is null) Heartbeat.Unregister(this);
    }
}
