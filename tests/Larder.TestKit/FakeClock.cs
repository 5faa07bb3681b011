namespace Larder.TestKit;

/// <summary>
/// Time that moves only when a test says so. <see cref="Advance"/> fires the timers that fall due in the order of their
/// due times (ties: the order in which they were set), with the clock standing at each timer's due time meanwhile.
/// </summary>
/// <remarks>
/// Three readings: the timers' own time, which only <see cref="Advance"/> moves; the timestamp and the wall clock, which
/// follow it and can also be stepped alone. Callbacks run on the advancing thread, outside the lock.
/// </remarks>
public sealed class FakeClock : TimeProvider
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _armed = []; // Guarded by _gate.
    private long _elapsed; // Guarded by _gate. Ticks advanced; the time the timers live by.
    private long _timestampOffset = 1_000_000; // Guarded by _gate. Not 0: a default timestamp should show as a fault.
    private DateTimeOffset _wallStart; // Guarded by _gate.
    private long _order; // Guarded by _gate. Breaks ties between equal due times.

    public FakeClock() : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { }

    public FakeClock(DateTimeOffset start) => _wallStart = start.ToUniversalTime();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timers that wait for a due time.</summary>
    public int ArmedTimers { get { lock (_gate) return _armed.Count; } }

    public override DateTimeOffset GetUtcNow() { lock (_gate) return _wallStart.AddTicks(_elapsed); }

    public override long GetTimestamp() { lock (_gate) return _timestampOffset + _elapsed; }

    /// <summary>Moves only the wall clock, as an administrator or NTP does; no timer fires.</summary>
    public void StepWallClock(TimeSpan by) { lock (_gate) _wallStart += by; }

    /// <summary>Moves only the timestamp, possibly backwards, as no honest machine does; no timer fires.</summary>
    public void StepTimestamp(TimeSpan by) { lock (_gate) _timestampOffset += by.Ticks; }

    /// <summary>Moves time forward, firing what falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long target;
        lock (_gate) target = _elapsed + by.Ticks;
        while (TakeDue(target) is { } due) due.Fire();
    }

    /// <summary>Moves time forward at once, as for a machine that slept: what fell due meanwhile fires at the end, and once only. For years, in which a timer of a second would fire for minutes.</summary>
    public void Leap(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (_gate)
        {
            _elapsed += by.Ticks;
            foreach (var late in _armed.Where(timer => timer.Due < _elapsed)) late.Due = _elapsed;
        }

        Advance(TimeSpan.Zero);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    // Moves the time to the next due timer and re-arms it if it is periodic; with none left, moves to the target.
    private FakeTimer? TakeDue(long target)
    {
        lock (_gate)
        {
            var next = _armed.MinBy(static t => (t.Due, t.Order));
            if (next is null || next.Due > target)
            {
                _elapsed = Math.Max(_elapsed, target); // A callback may have advanced further.
                return null;
            }
            _elapsed = Math.Max(_elapsed, next.Due);
            if (next.Period > 0) (next.Due, next.Order) = (next.Due + next.Period, _order++);
            else _armed.Remove(next);
            return next;
        }
    }

    private static long Ticks(TimeSpan time, string name)
    {
        if (time == Timeout.InfiniteTimeSpan) return -1;
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, _longestWait, name);
        return time.Ticks;
    }

    private sealed class FakeTimer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed; // Guarded by the clock's gate, as the three below.

        public long Due { get; set; }

        public long Period { get; set; } // 0 or less: fires once.

        public long Order { get; set; }

        public void Fire() => callback(state);

        // Due at once means: with the next Advance, even one of zero. A real timer, too, never fires inside Change.
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            long due = Ticks(dueTime, nameof(dueTime)), every = Ticks(period, nameof(period));
            lock (clock._gate)
            {
                if (_disposed) return false;
                clock._armed.Remove(this);
                if (due < 0) return true;
                (Due, Period, Order) = (clock._elapsed + due, every, clock._order++);
                clock._armed.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                clock._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
