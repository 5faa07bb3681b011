using Larder.Observability;
using Larder.Resilience;

namespace Larder.Loading;

/// <summary>One call of the loaders for several loads at once.</summary>
internal sealed class BatchRun<TKey, TValue> where TKey : notnull
{
    private readonly Loads<TKey, TValue> _loads;
    private readonly LoaderChain<TKey, TValue> _chain;
    private readonly List<AskingFlight<TKey, TValue>> _flights;
    private readonly CancellationTokenSource _cancellation;
    private Exception? _error; // What the loaders threw.

    // How many of the flights may still want what the run brings. The last one gives up the run.
    private int _wanted;

    internal BatchRun(Loads<TKey, TValue> loads, LoaderChain<TKey, TValue> chain, List<AskingFlight<TKey, TValue>> flights)
    {
        _loads = loads;
        _chain = chain;
        _flights = flights;
        _wanted = flights.Count;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(loads.Lifetime);
    }

    internal void Start() => _ = RunAsync();

    /// <summary>Asks the loaders. Ends when they have returned, or all loads have been given up. Never throws.</summary>
    internal async Task RunAsync()
    {
        foreach (var flight in _flights) flight.JoinRun(this);
        _flights.RemoveAll(static flight =>
        {
            if (flight.TryBegin(isAlone: false)) return false;
            flight.LeaveRun(); // It was given up before it joined, or may not be asked: nobody else would tell.
            return true;
        });
        if (_flights.Count == 0)
        {
            _cancellation.Dispose(); // Else the cache's own source of cancellation would hold it.
            return;
        }

        var passes = default(BreakerPasses);
        if (passes.Enter(_loads.Failure.Breaker, _loads.Name) is { } refusal)
        {
            EndAll(new(LoadEnding.Refused, default, refusal));
            _cancellation.Dispose();
            return;
        }

        foreach (var flight in _flights) flight.ArmTimeouts();
        Interlocked.Increment(ref _loads.Counters.Batches);
        var outcome = await TraceAsync().ConfigureAwait(false);
        passes.Leave(outcome);
        _cancellation.Dispose();
    }

    /// <summary>One of the flights was given up, or did not begin.</summary>
    internal void GiveUpOne()
    {
        if (Interlocked.Decrement(ref _wanted) > 0) return;
        try
        {
            _cancellation.Cancel();
        }
        catch (Exception error) when (error is AggregateException or ObjectDisposedException)
        {
            // What listens to the token threw, or the loader returned this moment.
        }
    }

    // The loads of the batch are one activity: that of the first, or one by itself if all are refreshes; linked to what caused the others.
    private async Task<BreakerOutcome> TraceAsync()
    {
        if (!Traces.AreHeard) return await AskAsync().ConfigureAwait(false);
        var causes = _flights.Select(static flight => flight.Trace?.Cause);
        var activity = _flights.TrueForAll(static flight => flight.IsRefresh)
            ? Traces.BeginApart("larder.refresh", _loads.Name, _flights.Count, causes)
            : Traces.Begin("larder.load", _loads.Name, _flights.Count, causes);
        foreach (var flight in _flights) flight.Trace?.Share(activity);
        var outcome = await AskAsync().ConfigureAwait(false);
        if (activity is not null) Traces.End(activity, outcome switch { BreakerOutcome.Success => "success", BreakerOutcome.Failure => "failure", _ => "cancelled" }, _error);
        return outcome;
    }

    private async Task<BreakerOutcome> AskAsync()
    {
        var batch = new LoadBatch<TKey, TValue>([], _loads.Core.Comparer);
        long asOf = _loads.Settlement.Version;
        try
        {
            batch = new([.. _flights.Select(_loads.RequestFor)], _loads.Core.Comparer);
            await _chain.LoadManyAsync(batch, _cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            _error = thrown;
        }

        // Found before the token is asked: the flights' ends may still cancel it.
        bool isCancelled = _cancellation.IsCancellationRequested;
        int failed = 0;
        foreach (var flight in _flights)
        {
            var outcome = OutcomeOf(flight.Key, batch);
            if (outcome.Ending == LoadEnding.Threw) failed++;
            flight.End(outcome);
        }

        OfferExtras(batch, asOf);
        return isCancelled ? BreakerOutcome.Neutral : failed == _flights.Count ? BreakerOutcome.Failure : BreakerOutcome.Success;
    }

    private LoadOutcome<TValue> OutcomeOf(TKey key, LoadBatch<TKey, TValue> batch)
    {
        try
        {
            var (loaded, own) = batch.Outcome(key);
            return own is not null || (_error is not null && loaded.Kind == LoadedKind.Absent) ? LoadOutcome<TValue>.Failed(own ?? _error!) : LoadOutcome<TValue>.Of(loaded);
        }
        catch (Exception error)
        {
            return LoadOutcome<TValue>.Failed(error); // The comparer's.
        }
    }

    private void OfferExtras(LoadBatch<TKey, TValue> batch, long asOf)
    {
        try
        {
            foreach (var (key, loaded) in batch.Extras()) _loads.Offer(key, loaded, asOf);
        }
        catch (Exception)
        {
            // The comparer threw over what nobody asked for: then it is not kept.
        }
    }

    private void EndAll(in LoadOutcome<TValue> outcome)
    {
        foreach (var flight in _flights) flight.End(outcome);
    }
}
