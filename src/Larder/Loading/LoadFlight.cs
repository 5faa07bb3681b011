using Larder.Memory;
using Larder.Observability;

namespace Larder.Loading;

/// <summary>
/// One load of one key, under way: begun by one read (its leader) or by a refresh, joined by others, ended once by
/// whichever comes first: the loader, the timeout, or the last of those who wait turning away.
/// </summary>
/// <remarks>
/// Invariants. It ends exactly once (<see cref="_phase"/>), whatever the loader does. When it has ended it is no claim any
/// more, and what it brought is stored, before anyone who waits is told. A loader that returns after the end is ignored.
/// It is its own lock, for one is made for every miss, and nobody else knows it.
/// </remarks>
internal abstract class LoadFlight<TKey, TValue>(Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen) : Claim where TKey : notnull
{
    private const int OnItsWay = 0; // To its loader, through the tiers.
    private const int Asked = 1;
    private const int GivenUp = 2; // Before the loader was asked.
    private const int Abandoned = 3; // While it is at work.
    private const int Returned = 4;

    // Which came first, the end or the loader. Exchanged.
    private int _phase;

    // Guarded by the flight.
    private Waiter<TKey, TValue>? _waiters;
    private int _waiting;
    private bool _isOver;
    private bool _isDeserted;
    private bool _isSoftOver;
    private LoadTimers _timers;
    private TaskCompletionSource? _ended;

    private Verdict<TKey, TValue> _verdict; // Written before _isOver.

    internal Loads<TKey, TValue> Loads => loads;

    internal TKey Key => key;

    internal int Hash => hash;

    /// <summary>What memory had when the load was decided on; null for nothing.</summary>
    internal Entry<TKey, Kept<TValue>>? Seen => seen;

    /// <summary>What may be answered in place of what the load brings: what a tier had, or else what memory had, unless the load goes past that. Null for nothing.</summary>
    internal Entry<TKey, Kept<TValue>>? Old => Below?.Fallback is { } fallback ? fallback.Made : Skip.HasFlag(Skip.MemoryRead) ? null : seen;

    /// <summary>The number of the latest write when it was made: what it brings is from after that.</summary>
    internal long AsOf { get; } = loads.Settlement.Version;

    /// <summary>Whether its loader was told of an old value: then "not modified" is an answer, though that value's time may be over meanwhile, or a tag of it removed.</summary>
    internal bool IsToldOld { get; set; }

    /// <summary>What came of looking below memory; null for nothing. Apart, for most loads of most caches have none of it.</summary>
    internal FlightBelow<TKey, TValue>? Below { get; private set; }

    /// <summary>As <see cref="Below"/>, made if need be.</summary>
    internal FlightBelow<TKey, TValue> MakeBelow() => Below ??= new();

    /// <summary>Who loads: readers with another loader do not share what this brings.</summary>
    internal abstract object Work { get; }

    /// <summary>How long what it brings is kept in memory, where that is not as long as below; null where it is.</summary>
    internal virtual Lifetime? InMemory => null;

    /// <summary>Whether nobody needs to wait for it to go on.</summary>
    internal bool IsRefresh { get; init; }

    /// <summary>What it goes past.</summary>
    internal Skip Skip { get; init; }

    /// <summary>What the read that began it met: <see cref="ReadStatus.Miss"/> or <see cref="ReadStatus.Expired"/>.</summary>
    internal ReadStatus Met { get; init; }

    /// <summary>The passes of the breakers, to be given back at the end.</summary>
    internal BreakerPasses Passes;

    /// <summary>What traces tell of it; null if nobody listens.</summary>
    internal LoadTrace? Trace { get; } = LoadTrace.Here();

    /// <summary>When the loader was asked, or before that when its time began, by the time provider's timestamp.</summary>
    internal long Began { get; private set; }

    internal ref readonly Verdict<TKey, TValue> Verdict => ref _verdict;

    internal bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>Falls back on this if the loader fails. Before the loader is asked.</summary>
    internal void TakeFallback(in NewEntry<TKey, Kept<TValue>> old) => MakeBelow().Fallback = old;

    /// <summary>Counts in the read that leads, before anybody else can turn away.</summary>
    internal void Lead() => _waiting = 1;

    /// <summary>Counts in a read that joins. Returns false if the flight has just been given up: the read begins another.</summary>
    internal bool TryJoin()
    {
        lock (this)
        {
            if (_isDeserted) return false;
            _waiting++;
            return true;
        }
    }

    /// <summary>What a read that led or joined awaits, unless the flight is over.</summary>
    internal Waiter<TKey, TValue>? Wait(bool isJoined, CancellationToken cancellationToken)
    {
        var waiter = new Waiter<TKey, TValue>(this, isJoined);
        lock (this)
        {
            if (_isOver) return null;
            if (_isSoftOver && loads.HasFallback(Old))
            {
                waiter.Release(byFallback: true);
                return waiter;
            }

            waiter.Next = _waiters;
            if (_waiters is not null) _waiters.Previous = waiter;
            _waiters = waiter;
        }

        waiter.TurnAwayOn(cancellationToken);
        return waiter;
    }

    /// <summary>Ends when the flight is over.</summary>
    internal Task Ended()
    {
        lock (this) return _isOver ? Task.CompletedTask : (_ended ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>The loader is about to be asked, for this key alone or as part of a batch. Returns false if it is not to be: then the flight is over.</summary>
    internal bool TryBegin(bool isAlone)
    {
        Began = loads.Time.GetTimestamp();
        Exception? refusal = null;
        if (Interlocked.CompareExchange(ref _phase, Asked, OnItsWay) == OnItsWay && (refusal = loads.MayAsk(this, isAlone)) is null) return true;
        End(new(LoadEnding.Refused, default, refusal));
        return false;
    }

    /// <summary>Its time runs, as those who wait see it: after the soft timeout readers with a fallback get that, after the hard one it is given up. A refresh has a time of its own.</summary>
    internal void ArmTimeouts()
    {
        var (soft, hard) = IsRefresh ? (null, loads.Refresh.Timeout) : (loads.Failure.SoftTimeout, loads.Failure.HardTimeout);
        if (soft is null && hard is null) return;
        lock (this)
        {
            if (_isOver) return;
            long since = _timers.Start(loads.Time);
            if (Began == 0) Began = since;
            if (hard is { } most) _timers.ArmHard(loads.Time, most, static state => ((LoadFlight<TKey, TValue>)state!).TimeUp(), this);
            if (soft is { } early && !_isSoftOver && loads.HasFallback(Old)) _timers.ArmSoft(loads.Time, early, static state => ((LoadFlight<TKey, TValue>)state!).SoftTimeUp(), this);
        }
    }

    /// <summary>Its time stands still while it waits for its turn.</summary>
    internal void PauseTimeouts()
    {
        lock (this) _timers.Stop(loads.Time);
    }

    /// <summary>The loader has returned, or thrown, or was not asked. Returns false if the load had been given up.</summary>
    internal bool End(in LoadOutcome<TValue> outcome)
    {
        int before = Interlocked.Exchange(ref _phase, Returned);
        bool ends = before is OnItsWay or Asked;
        if (ends) Finish(outcome);
        else Late(wasAbandoned: before == Abandoned);

        // Not before: a refresh that was given up keeps its place while its loader goes on, for the limit is there to spare the source.
        if (IsRefresh) loads.RefreshEnded();
        return ends;
    }

    private void Late(bool wasAbandoned)
    {
        if (wasAbandoned) loads.AbandonedReturned();
        ReleaseLease(); // It may have come after the end.
        Trace?.End("abandoned", null); // Unless that was told when the load was given up.
    }

    /// <summary>The load ends though the loader has not returned. Returns whether it had not ended before.</summary>
    internal bool GiveUp(in LoadOutcome<TValue> outcome)
    {
        if (Interlocked.CompareExchange(ref _phase, GivenUp, OnItsWay) != OnItsWay)
        {
            if (Interlocked.CompareExchange(ref _phase, Abandoned, Asked) != Asked) return false;
            loads.AbandonedOne();
        }

        Finish(outcome);
        OnGivenUp();
        return true;
    }

    /// <summary>A waiter's caller has cancelled. Returns false if the waiter has been released meanwhile.</summary>
    internal bool TurnAway(Waiter<TKey, TValue> waiter)
    {
        bool wasLast;
        lock (this)
        {
            if (_isOver || !waiter.TryClaim()) return false;
            TakeOut(waiter);
            wasLast = --_waiting == 0 && !IsRefresh && !_isSoftOver;
            _isDeserted |= wasLast;
        }

        if (wasLast) GiveUp(new(LoadEnding.Cancelled, default, new OperationCanceledException("Nobody waited for the load any more.")));
        return true;
    }

    /// <summary>Tells the loader that its result is not wanted any more.</summary>
    protected abstract void OnGivenUp();

    private void Finish(in LoadOutcome<TValue> outcome)
    {
        var verdict = loads.Settlement.Settle(this, outcome);
        Waiter<TKey, TValue>? waiters;
        lock (this)
        {
            _verdict = verdict;
            Volatile.Write(ref _isOver, true);
            _isDeserted = true;
            waiters = _waiters;
            _waiters = null;
            _timers.Dispose();
        }

        Trace?.End(StatusOf(outcome.Ending), outcome.Error);
        ReleaseAll(waiters, byFallback: false);
        _ended?.SetResult();
        ReleaseLease();
    }

    private void ReleaseLease()
    {
        if (Below is { } below && below.TakeLease() is { } lease) _ = LeaseHolds.ReleaseAsync(lease, below.Written);
    }

    private void TimeUp() => GiveUp(new(LoadEnding.TimedOut, default, new TimeoutException($"A load of cache '{loads.Name}' took longer than it may.")));

    private void SoftTimeUp()
    {
        Waiter<TKey, TValue>? waiters;
        lock (this)
        {
            if (_isOver || !loads.HasFallback(Old)) return;
            _isSoftOver = true;
            waiters = _waiters;
            _waiters = null;
        }

        ReleaseAll(waiters, byFallback: true);
    }

    private static string StatusOf(LoadEnding ending) => ending switch
    {
        LoadEnding.Threw => "failure",
        LoadEnding.TimedOut => "timeout",
        LoadEnding.Cancelled => "cancelled",
        _ => "success",
    };

    private static void ReleaseAll(Waiter<TKey, TValue>? waiters, bool byFallback)
    {
        while (waiters is not null)
        {
            // Read first: a released waiter is its reader's.
            var next = waiters.Next;
            waiters.Release(byFallback);
            waiters = next;
        }
    }

    private void TakeOut(Waiter<TKey, TValue> waiter)
    {
        if (_waiters == waiter) _waiters = waiter.Next;
        if (waiter.Previous is not null) waiter.Previous.Next = waiter.Next;
        if (waiter.Next is not null) waiter.Next.Previous = waiter.Previous;
    }
}
