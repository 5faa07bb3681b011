using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Memory;

/// <summary>
/// Has a cache reclaim every second what has expired, though nobody writes to it: on the thread pool at the heartbeat's
/// call, or by a timer of the clock that the user gave. Holds the cache only weakly.
/// </summary>
internal sealed class Reclaimer : Heartbeat.IBeat, IThreadPoolWorkItem, IDisposable
{
    private readonly WeakReference<ITrimmed> _cache;
    private readonly ILogger _logger;
    private readonly LogLimit _failures;
    private readonly ITimer? _timer;
    private int _isTrimming;

    internal Reclaimer(ITrimmed cache, TimeProvider time, ILogger logger)
    {
        _cache = new(cache);
        _logger = logger;
        _failures = new(time);
        if (time == TimeProvider.System) Heartbeat.Register(this);
        else _timer = time.CreateTimer(static state => ((Reclaimer)state!).Trim(), this, Heartbeat.TrimPeriod, Heartbeat.TrimPeriod);
    }

    internal interface ITrimmed
    {
        /// <summary>Reclaims what has expired, and looks at what the advisor has heard.</summary>
        void Trim();
    }

    public void Dispose()
    {
        _timer?.Dispose();
        if (_timer is null) Heartbeat.Unregister(this);
    }

    void Heartbeat.IBeat.Beat()
    {
        if (Interlocked.Exchange(ref _isTrimming, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Trim();
        Volatile.Write(ref _isTrimming, 0);
    }

    private void Trim()
    {
        try
        {
            if (_cache.TryGetTarget(out var cache)) cache.Trim();
        }
        catch (Exception error)
        {
            if (_failures.MaySay()) _logger.TrimFailed(error);
        }
    }
}
