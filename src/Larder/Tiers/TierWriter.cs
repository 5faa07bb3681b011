using Larder.Observability;
using Larder.Resilience;
using Microsoft.Extensions.Logging;

namespace Larder.Tiers;

/// <summary>Does the changes of one tier, in batches, one batch at a time, and again until the tier has them.</summary>
/// <remarks>
/// Invariants. A tier gets the changes of one key in the order in which they were asked for. A change that has not reached the tier is
/// either in the queue, where readers see it, or the tier is not read at all before it has been cleared (<see cref="_mustClear"/>): so a
/// removal is never forgotten while an older value survives below. A tier that several processes share never gets a value after a later one:
/// what is late is compared with what is there.
/// </remarks>
internal sealed class TierWriter : IAsyncDisposable
{
    private const int MaxBatch = 256;

    // An isolated breaker says "for ever", and may be reset any time.
    private static readonly TimeSpan _longestRest = TimeSpan.FromSeconds(5);

    private readonly TierCalls _calls;
    private readonly TierOptions _options;
    private readonly CircuitBreaker _breaker;
    private readonly TierCounters _counters;
    private readonly TimeProvider _time;
    private readonly ILogger? _logger;
    private readonly Backoff _backoff = new(new() { First = TimeSpan.FromMilliseconds(100), Most = TimeSpan.FromSeconds(5) }, new Random());
    private readonly CancellationTokenSource _closing = new();
    private readonly LogLimit _failures;
    private readonly Lock _gate = new();
    private readonly TierQueue _queue; // Guarded by _gate.
    private bool _mustClear; // Guarded by _gate.
    private bool _mustClearAgain; // Guarded by _gate. A clear was asked for since the one under way began: what others have written in between goes too.
    private TaskCompletionSource? _cleared; // Guarded by _gate. Who waits for a clear that has not begun.
    private TaskCompletionSource? _clearing; // Guarded by _gate. Who waits for the one under way.
    private bool _isResting; // Guarded by _gate. The tier has failed, and is tried again later.
    private Task? _work; // Guarded by _gate. Null when nobody works.
    private TaskCompletionSource? _pausing; // Guarded by _gate. Who waits for the work to end, or to rest.

    internal TierWriter(string cacheName, TierOptions options, CircuitBreaker breaker, TierCounters counters, TimeProvider time, ILogger? logger)
    {
        (_options, _breaker, _counters, _time, _logger) = (options, breaker, counters, time, logger);
        _calls = new(cacheName, options.Tier, counters, time);
        _failures = new(time);
        _queue = new(options.MaxWaiting, options.MaxWaitingBytes, options.Tier.IsShared ? IsOverdue : static _ => false);
    }

    /// <summary>The stamps of tags in the tier; null where nothing bears any.</summary>
    internal TagStamps? Stamps { get; set; }

    internal int Waiting { get { lock (_gate) return _queue.Count; } }

    /// <summary>Ends when a tier that failed is tried again; null before it first failed. So that who moves the clock knows what waits for it.</summary>
    internal Task? Rest { get; private set; }

    internal bool MustClear { get { lock (_gate) return _mustClear; } }

    /// <summary>Has the change done. The task ends when it is, when it has been tried, or when the tier is known to fail; it never fails.</summary>
    internal Task Add(TierChange change, bool waits)
    {
        bool overflows = false;
        var tried = Task.CompletedTask;
        lock (_gate)
        {
            if (_mustClear || _closing.IsCancellationRequested)
            {
                // What it held is not believed, and goes; so there is nothing to change.
                change.Dispose();
                return tried;
            }

            change.Asked = _time.GetTimestamp();
            if (_queue.Add(change, isLate: _isResting) is { } added)
            {
                if (waits && !_isResting) tried = added.Tried();
            }
            else
            {
                change.Dispose();
                ForgetLocked();
                overflows = true;
            }

            _work ??= WorkAsync();
        }

        if (overflows)
        {
            TierCounters.Add(ref _counters.Overflows);
            _logger?.Later(logger => logger.TierOverflowed(_options.Tier.Name, _options.MaxWaiting));
        }

        return tried;
    }

    /// <summary>Has the tier cleared. Until it is, it is not read.</summary>
    internal Task Clear()
    {
        lock (_gate)
        {
            ForgetLocked();
            var cleared = _isResting ? Task.CompletedTask : (_cleared ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            _work ??= WorkAsync();
            return cleared;
        }
    }

    /// <summary>
    /// What is to be read instead of the tier: each key that has a change waiting is taken out of <paramref name="asked"/>, and what it is to be
    /// is found. Returns false if the tier must not be read at all.
    /// </summary>
    internal bool TryOverlay(IReadOnlyList<TierKey> keys, TierPayloads found, out List<int>? asked)
    {
        asked = null;
        lock (_gate)
        {
            if (_mustClear) return false;
            if (_queue.Count == 0) return true;
            for (int i = 0; i < keys.Count; i++)
            {
                // What was loaded for a shared tier is not looked at here: others may have changed the key since.
                if (_queue.TryFind(keys[i], out var change) && change.Over is null)
                {
                    asked ??= [.. Enumerable.Range(0, i)];
                    if (change.Payload is { } payload && change.Until > _time.GetUtcNow() && Stamps?.Admits(change.Claim) != false) found.Put(i, payload.Written.Span);
                }
                else
                {
                    asked?.Add(i);
                }
            }
        }

        return true;
    }

    /// <summary>Waits until all is done, or the tier has failed, for so long at most. What is left then is lost with the process.</summary>
    internal async ValueTask DrainAsync(TimeSpan atMost)
    {
        Task pausing;
        lock (_gate)
        {
            if (_isResting || _work is null) return;
            pausing = (_pausing ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await pausing.WaitAsync(atMost, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        Task? work;
        lock (_gate) work = _work;
        await _closing.CancelAsync().ConfigureAwait(false);
        if (work is not null) await work.WaitAsync(_options.WriteTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate) _queue.Clear();
        _closing.Dispose();
    }

    // Whoever asked for it waits no longer, and others may have changed the key since.
    private bool IsOverdue(TierChange change) => _time.GetElapsedTime(change.Asked) >= _options.WriteTimeout;

    private void ForgetLocked()
    {
        _queue.Clear();
        _mustClear = _mustClearAgain = true;
        Stamps?.ForgetAll();
    }

    // Never throws. Begun under the lock, so it first leaves the caller's thread.
    private async Task WorkAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        int failures = 0;
        while (true)
        {
            bool clears;
            IReadOnlyCollection<TierChange> batch = [];
            lock (_gate)
            {
                clears = _mustClear;
                if ((!clears && !_queue.HasWaiting) || _closing.IsCancellationRequested)
                {
                    EndLocked();
                    return;
                }

                if (clears) BeginClearLocked();
                else batch = _queue.Take(MaxBatch);
            }

            var error = await TryAsync(clears, batch).ConfigureAwait(false);
            failures = error is null ? 0 : failures + 1;
            lock (_gate) SettleLocked(clears, error is not null);
            if (error is not null) await RestAsync(failures, error).ConfigureAwait(false);
        }
    }

    private async Task<Exception?> TryAsync(bool clears, IReadOnlyCollection<TierChange> batch)
    {
        if (!_breaker.TryEnter(out var pass)) return new CircuitOpenException($"The breaker of tier '{_options.Tier.Name}' is open.", _breaker.RetryAfter);
        try
        {
            if (clears) await _calls.ClearAsync(_closing.Token).ConfigureAwait(false);
            else await DoAsync(batch).ConfigureAwait(false);
            _breaker.Leave(pass, BreakerOutcome.Success);
            return null;
        }
        catch (Exception error)
        {
            bool isOurs = error is OperationCanceledException && _closing.IsCancellationRequested;
            _breaker.Leave(pass, isOurs ? BreakerOutcome.Neutral : BreakerOutcome.Failure);
            if (!isOurs) TierCounters.Add(ref _counters.Failures);
            return error;
        }
    }

    // The buffers stay as they are: the changes are under way until this has ended.
    private async ValueTask DoAsync(IReadOnlyCollection<TierChange> batch)
    {
        if (Stamps is { } stamps) await StampAsync(stamps, [.. batch.Where(static change => change is { Claim.Tags.Count: > 0, Payload: not null })]).ConfigureAwait(false);
        await _calls.ChangeAsync(batch, _closing.Token).ConfigureAwait(false);
    }

    // What bears tags is stamped as late as this, for only now the tier may be waited for. Under the lock, for readers copy what is under way.
    private async ValueTask StampAsync(TagStamps stamps, List<TierChange> tagged)
    {
        await stamps.LookUpAsync(tagged, _closing.Token).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var change in tagged)
            {
                foreach (var missing in stamps.Missing(change.Claim.Tags))
                    if (_queue.Add(missing) is null) missing.Dispose(); // Then what bears it is not believed: no harm but a load.
                if (stamps.StampFor(change.Claim) is > 0 and var stamp) TierValues.Restamp(change.Payload!.Written.Span, stamp);
                else _queue.Refuse(change);
            }
        }
    }

    private void BeginClearLocked()
    {
        _mustClearAgain = false;
        (_clearing, _cleared) = (_cleared, null);
    }

    private void SettleLocked(bool clears, bool hasFailed)
    {
        _isResting = hasFailed;
        Tell(ref _clearing);
        if (hasFailed) Tell(ref _cleared);
        if (hasFailed) Tell(ref _pausing);
        if (clears)
        {
            _mustClear = hasFailed || _mustClearAgain;
        }
        else if (hasFailed && !_mustClear)
        {
            _queue.PutBack();
        }
        else
        {
            _queue.Done();
        }
    }

    private async Task RestAsync(int failures, Exception error)
    {
        if (failures == 1 && _failures.MaySay()) _logger?.Later(logger => logger.TierWriteFailed(_options.Tier.Name, error));
        var rest = _backoff.Delay(failures);
        var resting = Task.Delay(TimeSpan.FromTicks(Math.Max(rest.Ticks, Math.Min(_breaker.RetryAfter.Ticks, _longestRest.Ticks))), _time, _closing.Token);
        Rest = resting;
        await resting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void EndLocked()
    {
        _isResting = false;
        _work = null;
        Tell(ref _cleared);
        Tell(ref _pausing);
    }

    private static void Tell(ref TaskCompletionSource? waiting)
    {
        waiting?.TrySetResult();
        waiting = null;
    }
}
