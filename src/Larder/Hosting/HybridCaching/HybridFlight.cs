using Larder.Loading;
using Larder.Memory;

namespace Larder.Hosting;

/// <summary>How long a hybrid cache keeps a value.</summary>
/// <param name="InMemory">In memory.</param>
/// <param name="Below">In the tiers.</param>
internal sealed record HybridLives(Lifetime InMemory, Lifetime Below);

/// <summary>What one call of a hybrid cache asks for.</summary>
/// <param name="Serializers">What makes bytes of its value.</param>
/// <param name="Factory">Who makes its value.</param>
/// <param name="State">What that is given.</param>
/// <param name="Skip">What it goes past.</param>
/// <param name="Lives">How long its value is kept.</param>
/// <param name="Tags">By which it is removed together with others.</param>
internal readonly record struct HybridCall<TState, T>(
    HybridSerializers Serializers, Func<TState, CancellationToken, ValueTask<T>> Factory, TState State, Skip Skip, HybridLives Lives, TagSet Tags) : IFlightMaker<string, HybridValue?>
{
    internal bool AsksFactory => !Skip.HasFlag(Skip.Loaders);

    public bool CanMake(Loads<string, HybridValue?> loads, bool forRefresh) => AsksFactory || (!forRefresh && loads.Walk is not null && !Skip.HasFlag(Skip.TierRead));

    public object Work(Loads<string, HybridValue?> loads) => HybridWork<T>.Of(Skip);

    public AskingFlight<string, HybridValue?> Make(Loads<string, HybridValue?> loads, string key, int hash, Entry<string, Kept<HybridValue?>>? seen, ReadStatus? met, long freshBeyond) =>
        new HybridFlight<TState, T>(loads, key, hash, seen, this) { IsRefresh = met is null, Met = met ?? default, FreshBeyond = freshBeyond, Skip = Skip };
}

/// <summary>Calls share a load if they want a value of one type and go past the same; which factory brings it does not matter.</summary>
internal static class HybridWork<T>
{
    private static readonly object[] _all = [.. Enumerable.Range(0, 32).Select(static _ => new object())];

    internal static object Of(Skip skip) => _all[(int)skip & (_all.Length - 1)];
}

/// <summary>A load by the factory of a call.</summary>
internal sealed class HybridFlight<TState, T>(Loads<string, HybridValue?> loads, string key, int hash, Entry<string, Kept<HybridValue?>>? seen, in HybridCall<TState, T> call)
    : AskingFlight<string, HybridValue?>(loads, key, hash, seen)
{
    private readonly HybridCall<TState, T> _call = call;

    internal override object Work => HybridWork<T>.Of(Skip);

    internal override bool HasLoader => _call.AsksFactory;

    // One that only looks leaves it to those who know.
    internal override bool Yields => !HasLoader;

    internal override Lifetime? InMemory => _call.Lives.InMemory;

    internal override ValueTask<Loaded<HybridValue?>> Ask(LoadRequest<string, HybridValue?> request, CancellationToken cancellationToken)
    {
        var task = _call.Factory(_call.State, cancellationToken);
        return task.IsCompletedSuccessfully ? new(Pack(task.Result)) : Awaited(task);
    }

    private async ValueTask<Loaded<HybridValue?>> Awaited(ValueTask<T> task) => Pack(await task.ConfigureAwait(false));

    private Loaded<HybridValue?> Pack(T value) => new(HybridValue.Of(value, _call.Serializers)) { Lifetime = _call.Lives.Below, Tags = _call.Tags };
}
