using Larder.Memory;

namespace Larder.Loading;

/// <summary>A load by what one read brought along, which is told what the cache has, as a loader is, and says of what it brings how long it lives.</summary>
internal sealed class RequestFlight<TKey, TValue, TState>(
    Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen,
    Func<LoadRequest<TKey, TValue>, TState, CancellationToken, ValueTask<Loaded<TValue>>> load, TState state)
    : AskingFlight<TKey, TValue>(loads, key, hash, seen) where TKey : notnull
{
    internal override object Work => load;

    internal override bool HasLoader => true;

    internal override ValueTask<Loaded<TValue>> Ask(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken) => load(request, state, cancellationToken);
}

/// <summary>Loads by <see cref="RequestFlight{TKey, TValue, TState}"/>, refreshes too.</summary>
internal readonly struct ByRequest<TKey, TValue, TState>(Func<LoadRequest<TKey, TValue>, TState, CancellationToken, ValueTask<Loaded<TValue>>> load, TState state)
    : IFlightMaker<TKey, TValue> where TKey : notnull
{
    public bool CanMake(Loads<TKey, TValue> loads, bool forRefresh) => true;

    public object Work(Loads<TKey, TValue> loads) => load;

    public AskingFlight<TKey, TValue> Make(Loads<TKey, TValue> loads, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen, ReadStatus? met, long freshBeyond) =>
        new RequestFlight<TKey, TValue, TState>(loads, key, hash, seen, load, state) { IsRefresh = met is null, Met = met ?? default, FreshBeyond = freshBeyond };
}
