using Larder.Memory;

namespace Larder.Loading;

/// <summary>A load of one key by a call of its own.</summary>
internal abstract class AskingFlight<TKey, TValue>(Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen)
    : LoadFlight<TKey, TValue>(loads, key, hash, seen) where TKey : notnull
{
    // Null when nothing but the cache's disposal can end the load early. Written before the loader is asked, and taken out by whoever disposes it.
    private CancellationTokenSource? _cancellation;

    // The call of several keys' loader that this load is part of; null if it has its own. Written before that asks, and taken out by whoever leaves it.
    private BatchRun<TKey, TValue>? _run;

    /// <summary>A value below memory will do if memory would keep it fresh beyond this: the least for one that is merely served, the most for none.</summary>
    internal long FreshBeyond { get; init; } = AskingFlight.AnyAge;

    internal bool LooksBelow => FreshBeyond != long.MaxValue && !Skip.HasFlag(Skip.TierRead);

    /// <summary>Whether there is anybody to ask.</summary>
    internal abstract bool HasLoader { get; }

    internal void JoinRun(BatchRun<TKey, TValue> run) => _run = run;

    /// <summary>The call of several keys' loader is not wanted any more, as far as this load goes. It is told once.</summary>
    internal void LeaveRun() => Interlocked.Exchange(ref _run, null)?.GiveUpOne();

    /// <summary>Asks the loader. Afterwards the flight may be over, or it ends by itself.</summary>
    /// <param name="canBeDeserted">Whether all who wait may turn away.</param>
    internal void Start(bool canBeDeserted)
    {
        var token = Loads.Lifetime;
        if (canBeDeserted || (IsRefresh ? Loads.Refresh.Timeout : Loads.Failure.HardTimeout) is not null)
        {
            // Before it begins: whoever gives it up from then on finds this.
            var cancellation = CancellationTokenSource.CreateLinkedTokenSource(token);
            token = cancellation.Token;
            _cancellation = cancellation;
        }

        if (!TryBegin(isAlone: true))
        {
            Interlocked.Exchange(ref _cancellation, null)?.Dispose();
            return;
        }

        ValueTask<Loaded<TValue>> task;
        Trace?.Enter(Loads.Name, IsRefresh);
        try
        {
            task = Ask(Loads.RequestFor(this), token);
        }
        catch (Exception error)
        {
            Return(LoadOutcome<TValue>.Failed(error));
            return;
        }
        finally
        {
            Trace?.Leave();
        }

        if (task.IsCompletedSuccessfully)
        {
            Return(LoadOutcome<TValue>.Of(task.Result));
            return;
        }

        ArmTimeouts();
        _ = Follow(task);
    }

    internal abstract ValueTask<Loaded<TValue>> Ask(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken);

    protected override void OnGivenUp()
    {
        LeaveRun();
        var cancellation = Interlocked.Exchange(ref _cancellation, null);
        try
        {
            cancellation?.Cancel();
        }
        catch (AggregateException)
        {
            // What listens to the token threw: that is the loader's own affair.
        }

        cancellation?.Dispose();
    }

    private async Task Follow(ValueTask<Loaded<TValue>> task)
    {
        LoadOutcome<TValue> outcome;
        try
        {
            outcome = LoadOutcome<TValue>.Of(await task.ConfigureAwait(false));
        }
        catch (Exception error)
        {
            outcome = LoadOutcome<TValue>.Failed(error);
        }

        Return(outcome);
    }

    private void Return(in LoadOutcome<TValue> outcome)
    {
        if (End(outcome)) _cancellation?.Dispose();
    }
}

internal static class AskingFlight
{
    /// <summary>Whatever is fresh or stale will do.</summary>
    internal const long AnyAge = long.MinValue;

    /// <summary>The same below memory, whatever memory has.</summary>
    internal const long AnyAgeAnew = long.MinValue + 1;
}

/// <summary>A load by the cache's own loaders.</summary>
internal sealed class ChainFlight<TKey, TValue>(Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen)
    : AskingFlight<TKey, TValue>(loads, key, hash, seen) where TKey : notnull
{
    internal override object Work => Works.Of(Loads, Skip);

    internal override bool HasLoader => !Skip.HasFlag(Skip.Loaders) && !(IsRefresh ? Loads.RefreshChain : Loads.Chain).IsEmpty;

    internal override ValueTask<Loaded<TValue>> Ask(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken) =>
        (IsRefresh ? Loads.RefreshChain : Loads.Chain).LoadAsync(request, cancellationToken);
}

/// <summary>A load by the loader that one read brought along.</summary>
internal sealed class CallFlight<TKey, TValue, TState>(
    Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen,
    Func<TKey, TState, CancellationToken, ValueTask<TValue>> load, TState state)
    : AskingFlight<TKey, TValue>(loads, key, hash, seen) where TKey : notnull
{
    internal override object Work => Works.Of(load, Skip);

    internal override bool HasLoader => !Skip.HasFlag(Skip.Loaders);

    internal override ValueTask<Loaded<TValue>> Ask(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken) =>
        Loader.Converted(load(request.Key, state, cancellationToken));
}
