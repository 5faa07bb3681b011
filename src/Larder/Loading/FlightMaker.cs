using Larder.Memory;

namespace Larder.Loading;

/// <summary>Makes the load that a read would begin. A struct, so that a read that needs none allocates nothing.</summary>
internal interface IFlightMaker<TKey, TValue> where TKey : notnull
{
    /// <summary>Whether there is a loader at all.</summary>
    bool CanMake(Loads<TKey, TValue> loads, bool forRefresh);

    /// <summary>Who loads: readers share a load only if this is the same.</summary>
    object Work(Loads<TKey, TValue> loads);

    /// <param name="loads">The loads of the cache.</param>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="seen">What is there.</param>
    /// <param name="met">What the read met; null for a refresh.</param>
    /// <param name="freshBeyond">What a tier's value must be to do; see <see cref="AskingFlight{TKey, TValue}.FreshBeyond"/>.</param>
    AskingFlight<TKey, TValue> Make(Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen, ReadStatus? met, long freshBeyond);
}

/// <summary>Loads by the cache's loaders.</summary>
internal readonly struct ByChain<TKey, TValue>(Skip skip = Skip.None) : IFlightMaker<TKey, TValue> where TKey : notnull
{
    public bool CanMake(Loads<TKey, TValue> loads, bool forRefresh) => skip.HasFlag(Skip.Loaders)
        ? !forRefresh && loads.Walk is not null
        : loads.Walk is not null || !(forRefresh ? loads.RefreshChain : loads.Chain).IsEmpty;

    public object Work(Loads<TKey, TValue> loads) => Works.Of(loads, skip);

    public AskingFlight<TKey, TValue> Make(Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen, ReadStatus? met, long freshBeyond) =>
        new ChainFlight<TKey, TValue>(loads, key, hash, seen) { IsRefresh = met is null, Met = met ?? default, FreshBeyond = freshBeyond, Skip = skip };
}

/// <summary>Loads by the loader of one call, unless this is a refresh and the cache has loaders for that.</summary>
internal readonly struct ByCall<TKey, TValue, TState>(Func<TKey, TState, CancellationToken, ValueTask<TValue>> load, TState state, Skip skip = Skip.None)
    : IFlightMaker<TKey, TValue> where TKey : notnull
{
    public bool CanMake(Loads<TKey, TValue> loads, bool forRefresh) => !skip.HasFlag(Skip.Loaders) || (!forRefresh && loads.Walk is not null);

    public object Work(Loads<TKey, TValue> loads) => Works.Of(load, skip);

    public AskingFlight<TKey, TValue> Make(Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen, ReadStatus? met, long freshBeyond) =>
        met is null && loads.RefreshChain != loads.Chain
            ? new ChainFlight<TKey, TValue>(loads, key, hash, seen) { IsRefresh = true, Skip = skip }
            : new CallFlight<TKey, TValue, TState>(loads, key, hash, seen, load, state) { IsRefresh = met is null, Met = met ?? default, FreshBeyond = freshBeyond, Skip = skip };
}

/// <summary>Makes the load of one key if none is under way that will do.</summary>
internal readonly struct FlightClaim<TKey, TValue, TMaker>(
    TMaker maker, Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen, ReadStatus? met, long freshBeyond = AskingFlight.AnyAge) : IClaimMaker
    where TKey : notnull
    where TMaker : struct, IFlightMaker<TKey, TValue>
{
    // What began before a tag was removed may turn out to bear it: it is not for those who come after.
    public bool MayShare(Claim claim) => claim is LoadFlight<TKey, TValue> flight && flight.AsOf >= loads.Tags.Latest && Works.AreSame(flight.Work, maker.Work(loads));

    public Claim Make()
    {
        var flight = maker.Make(loads, key, hash, seen, met, freshBeyond);

        // Whoever makes it waits for it, and is counted before anybody else can turn away.
        if (met is not null) flight.Lead();
        return flight;
    }
}
