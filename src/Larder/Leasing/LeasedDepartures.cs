using Larder.Memory;

namespace Larder.Leasing;

/// <summary>What leaves a leasing cache: the entry lets its value go.</summary>
internal sealed class LeasedDepartures<TKey, TValue>(Holdings<TValue> holdings) : IDepartureWatch<TKey, Counted<TValue>> where TKey : notnull where TValue : class, IDisposable
{
    public void Add(in Removal<TKey, Counted<TValue>> removal) => holdings.LetGoLocked(removal.Value!);

    public void Refuse(Counted<TValue> value) => holdings.LetGoLocked(value);

    public void Trimmed() => holdings.DisposeLeft();
}
