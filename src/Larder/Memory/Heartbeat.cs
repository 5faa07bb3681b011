namespace Larder.Memory;

/// <summary>
/// The one background thread: it keeps the coarse clock, and has every cache reclaim what expired when nobody writes to
/// it. It holds caches only weakly, and ends when none is left.
/// </summary>
/// <remarks>A thread of its own and not a timer, for a starved thread pool must not stop the clock.</remarks>
internal static class Heartbeat
{
    /// <summary>How often caches reclaim.</summary>
    internal static readonly TimeSpan TrimPeriod = TimeSpan.FromSeconds(1);

    // Guarded by itself, as is _isBeating.
    private static readonly List<WeakReference<IBeat>> _listeners = [];
    private static bool _isBeating;

    internal interface IBeat
    {
        /// <summary>A second has passed. Must return at once.</summary>
        void Beat();
    }

    internal static void Register(IBeat listener)
    {
        CoarseClock.Advance();
        lock (_listeners)
        {
            _listeners.Add(new(listener));
            if (_isBeating) return;
            _isBeating = true;
            new Thread(Run) { IsBackground = true, Name = "Larder heartbeat" }.Start();
        }
    }

    internal static void Unregister(IBeat listener)
    {
        lock (_listeners) _listeners.RemoveAll(l => !l.TryGetTarget(out var target) || target == listener);
    }

    private static void Run()
    {
        using var never = new ManualResetEventSlim();
        long nextTrim = CoarseClock.Now + TrimPeriod.Ticks;
        while (true)
        {
            never.WaitHandle.WaitOne(CoarseClock.Resolution);
            CoarseClock.Advance();
            if (CoarseClock.Now < nextTrim) continue;
            nextTrim = CoarseClock.Now + TrimPeriod.Ticks;
            if (!BeatAll()) return;
        }
    }

    // Whether somebody still listens; else the thread ends, and the next registration starts another.
    private static bool BeatAll()
    {
        lock (_listeners)
        {
            for (int i = _listeners.Count - 1; i >= 0; i--)
            {
                if (_listeners[i].TryGetTarget(out var listener)) listener.Beat();
                else _listeners.RemoveAt(i);
            }

            return _isBeating = _listeners.Count > 0;
        }
    }
}
