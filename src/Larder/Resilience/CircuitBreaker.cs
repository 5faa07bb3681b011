using Larder.Resilience;

namespace Larder;

/// <summary>
/// Leaves a failing source alone: after some failures in a row it refuses calls for a while, then tries a few, and closes
/// again when these succeed. May be shared by all caches of one source.
/// </summary>
/// <remarks>
/// Cached values are served whatever its state: it guards the source, not the cache. A call that ends after the state has
/// changed meanwhile counts for nothing, and a cancelled one says nothing of the source.
/// </remarks>
/// <example><code>
/// var breaker = new CircuitBreaker(new() { FailureThreshold = 5, OpenDuration = TimeSpan.FromSeconds(30) });
/// breaker.Changed += change => log.LogWarning("The database's breaker went from {From} to {To}.", change.From, change.To);
/// var options = new LoadingCacheOptions&lt;int, User&gt; { Failure = new() { Breaker = breaker } };
/// </code></example>
public sealed class CircuitBreaker
{
    private readonly BreakerOptions _options;
    private readonly Lock _gate = new();

    // Written under _gate; read by anyone.
    private volatile BreakerState _state;

    // Guarded by _gate. The era counts the changes of state and the resets.
    private int _era;
    private int _successes;
    private int _probes;
    private long _openedAt;

    // Failures in a row while closed. Guarded by _gate; read without it to see whether there is anything to forget.
    private volatile int _failures;

    // Changes not yet told of, in order. Guarded by itself; whoever adds to an empty one tells.
    private readonly Queue<BreakerChange> _changes = new();

    /// <summary>Builds a closed breaker.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public CircuitBreaker(BreakerOptions? options = null)
    {
        _options = options ?? new();
        if (_options.Faults(nameof(options)).ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
    }

    /// <summary>Told of each change of state, in order, outside all locks, on the thread that brought it about or one that did shortly before. What it throws is ignored.</summary>
    public event Action<BreakerChange>? Changed;

    /// <summary>What it does with calls. An open one whose time is over shows as open until the next call.</summary>
    public BreakerState State => _state;

    /// <summary>How long until calls are tried: zero unless it is open, and for ever when it is isolated.</summary>
    public TimeSpan RetryAfter
    {
        get
        {
            lock (_gate)
            {
                if (_state == BreakerState.Isolated) return TimeSpan.MaxValue;
                if (_state != BreakerState.Open) return TimeSpan.Zero;
                var left = _options.OpenDuration - _options.TimeProvider.GetElapsedTime(_openedAt);
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Refuses all calls until <see cref="Reset"/>.</summary>
    public void Isolate()
    {
        lock (_gate) ChangeLocked(BreakerState.Isolated);
        Tell();
    }

    /// <summary>Closes it, with nothing counted.</summary>
    public void Reset()
    {
        lock (_gate) ChangeLocked(BreakerState.Closed);
        Tell();
    }

    /// <summary>Asks whether a call may be made. One that may must <see cref="Leave"/> when it ends.</summary>
    internal bool TryEnter(out BreakerPass pass)
    {
        if (_state == BreakerState.Closed)
        {
            // The state and its era are not read as one; a pass that is off by a change counts for nothing, as it should.
            pass = new(Volatile.Read(ref _era));
            return true;
        }

        bool enters;
        lock (_gate)
        {
            if (_state == BreakerState.Open && _options.TimeProvider.GetElapsedTime(_openedAt) >= _options.OpenDuration) ChangeLocked(BreakerState.HalfOpen);
            enters = _state == BreakerState.Closed || (_state == BreakerState.HalfOpen && _probes < _options.HalfOpenProbes);
            if (enters && _state == BreakerState.HalfOpen) _probes++;
            pass = new(_era);
        }

        Tell();
        return enters;
    }

    /// <summary>A call that was let pass has ended.</summary>
    internal void Leave(BreakerPass pass, BreakerOutcome outcome)
    {
        if (outcome != BreakerOutcome.Failure && _state == BreakerState.Closed && (_failures == 0 || outcome == BreakerOutcome.Neutral)) return;
        lock (_gate)
        {
            if (pass.Era != _era) return;
            if (_state == BreakerState.HalfOpen) EndProbeLocked(outcome);
            else if (_state == BreakerState.Closed && outcome == BreakerOutcome.Success) _failures = 0;
            else if (_state == BreakerState.Closed && outcome == BreakerOutcome.Failure && ++_failures >= _options.FailureThreshold) ChangeLocked(BreakerState.Open);
        }

        Tell();
    }

    private void EndProbeLocked(BreakerOutcome outcome)
    {
        _probes--;
        if (outcome == BreakerOutcome.Failure) ChangeLocked(BreakerState.Open);
        else if (outcome == BreakerOutcome.Success && ++_successes >= _options.SuccessThreshold) ChangeLocked(BreakerState.Closed);
    }

    private void ChangeLocked(BreakerState to)
    {
        var from = _state;
        _era++;
        (_failures, _successes, _probes) = (0, 0, 0);
        if (to == BreakerState.Open) _openedAt = _options.TimeProvider.GetTimestamp();
        _state = to;
        if (from == to) return;
        lock (_changes) _changes.Enqueue(new(from, to));
    }

    // One thread at a time, so that they come in order: the one that finds the first untold change tells all that come meanwhile.
    private void Tell()
    {
        while (true)
        {
            BreakerChange change;
            lock (_changes)
            {
                if (_isTelling || !_changes.TryDequeue(out change)) return;
                _isTelling = true;
            }

            try
            {
                Changed?.Invoke(change);
            }
            catch (Exception)
            {
                // A listener's fault is its own: the breaker has no log to tell it to.
            }
            finally
            {
                lock (_changes) _isTelling = false;
            }
        }
    }

    // Guarded by _changes.
    private bool _isTelling;
}
