using System.Diagnostics.CodeAnalysis;
using Larder.Memory;

namespace Larder.Leasing;

/// <summary>One asynchronous factory at work for one key. Holds what it brought until all who wait for it have leases of their own, and is told when nobody waits any more.</summary>
/// <remarks>It is its own lock, as nobody else knows it.</remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A source of cancellation without a timer holds nothing, and a factory may look at its token late.")]
internal sealed class AwaitedFlight<TValue> : Claim where TValue : class, IDisposable
{
    // Continuations run on the pool: the factory's thread must not run what those who wait do next.
    private readonly TaskCompletionSource<Counted<TValue>> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _unwanted = new();

    // Guarded by this. Who waits, the leader included: once nobody does, nobody joins any more.
    private int _waiting = 1;
    private Counted<TValue>? _brought;
    private bool _isOver;

    /// <summary>Says that nobody waits any more.</summary>
    internal CancellationToken Unwanted => _unwanted.Token;

    /// <summary>A lease of what the factory brings. To be followed by <see cref="Leave"/>, whatever comes of it.</summary>
    internal async Task<Lease<TValue>> LeaseAsync(CancellationToken cancellationToken) =>
        (await _end.Task.WaitAsync(cancellationToken).ConfigureAwait(false)).TryLease()!; // The flight holds it until everybody has left.

    /// <summary>One who waited has a lease, or waits no longer. Returns whether that was the last, and the factory is still at work: then it is to be cancelled.</summary>
    internal bool Leave()
    {
        Counted<TValue>? brought;
        lock (this)
        {
            if (--_waiting > 0) return false;
            if (!_isOver) return true;
            brought = _brought;
        }

        brought?.Holdings.LetGo(brought);
        return false;
    }

    internal void Cancel()
    {
        try
        {
            _unwanted.Cancel();
        }
        catch (AggregateException)
        {
            // What listens to the token threw: that is the factory's own affair.
        }
    }

    /// <summary>The factory has brought this, with a hold of the flight's.</summary>
    internal void Complete(Counted<TValue> brought)
    {
        bool isWanted;
        lock (this) (_isOver, _brought, isWanted) = (true, brought, _waiting > 0);
        if (isWanted) _end.SetResult(brought);
        else brought.Holdings.LetGo(brought);
    }

    internal void Fail(Exception error)
    {
        lock (this) _isOver = true;
        _end.SetException(error);
        _ = _end.Task.Exception; // Looked at, for perhaps nobody waits any more.
    }

    /// <summary>Whoever calls an asynchronous factory for the key gets what the one at work brings, unless it is being cancelled.</summary>
    internal readonly struct Maker : IClaimMaker
    {
        public bool MayShare(Claim claim)
        {
            if (claim is not AwaitedFlight<TValue> flight) return false;
            lock (flight)
            {
                if (flight._waiting == 0) return false;
                flight._waiting++;
                return true;
            }
        }

        public Claim Make() => new AwaitedFlight<TValue>();
    }
}
