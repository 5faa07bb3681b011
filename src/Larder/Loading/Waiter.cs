using System.Threading.Tasks.Sources;
using Larder.Observability;

namespace Larder.Loading;

/// <summary>One read that waits for a load: what its caller awaits, with a cancellation of its own.</summary>
internal sealed class Waiter<TKey, TValue>(LoadFlight<TKey, TValue> flight, bool isJoined) : IValueTaskSource<TValue?>, IValueTaskSource<CacheResult<TValue>> where TKey : notnull
{
    // Continuations run on the pool: the thread that ends a flight must not run what a thousand callers do next.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    private CancellationTokenRegistration _registration;
    private int _isClaimed;

    /// <summary>Guarded by the flight's lock, until released.</summary>
    internal Waiter<TKey, TValue>? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    internal Waiter<TKey, TValue>? Previous { get; set; }

    internal short Version => _core.Version;

    internal void TurnAwayOn(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled) return;
        _registration = cancellationToken.UnsafeRegister(static (state, token) => ((Waiter<TKey, TValue>)state!).TurnAway(token), this);
    }

    /// <summary>Whether the caller, and nobody before, is to complete this.</summary>
    internal bool TryClaim() => Interlocked.Exchange(ref _isClaimed, 1) == 0;

    /// <summary>The flight is over, or its readers are to have the fallback.</summary>
    internal void Release(bool byFallback)
    {
        if (TryClaim()) _core.SetResult(byFallback);
    }

    TValue? IValueTaskSource<TValue?>.GetResult(short token)
    {
        bool byFallback = Result(token);
        return byFallback ? flight.Loads.Results.FallbackValue(flight) : flight.Loads.Results.Value(flight);
    }

    CacheResult<TValue> IValueTaskSource<CacheResult<TValue>>.GetResult(short token)
    {
        bool byFallback = Result(token);
        return byFallback ? flight.Loads.Results.FallbackResult(flight, isJoined) : flight.Loads.Results.Result(flight, isJoined);
    }

    ValueTaskSourceStatus IValueTaskSource<TValue?>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<CacheResult<TValue>>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<TValue?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<CacheResult<TValue>>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private bool Result(short token)
    {
        _registration.Unregister();
        if (isJoined) Traces.LinkHere(flight.Trace?.Activity);
        return _core.GetResult(token);
    }

    private void TurnAway(CancellationToken token)
    {
        if (flight.TurnAway(this)) _core.SetException(new OperationCanceledException(token));
    }
}
