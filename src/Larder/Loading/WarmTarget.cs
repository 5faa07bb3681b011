using Larder.Expiry;

namespace Larder.Loading;

/// <summary>Warms a loading cache.</summary>
internal sealed class WarmTarget<TKey, TValue>(Loads<TKey, TValue> loads) : IWarmTarget<TKey, TValue> where TKey : notnull
{
    public IEqualityComparer<TKey> Comparer => loads.Core.Comparer;

    public long Version => loads.Settlement.Version;

    public bool Offer(TKey key, TValue value, Lifetime? lifetime, long asOf)
    {
        loads.Core.ThrowIfDisposed();
        if (lifetime is not null) Lives<TKey, TValue>.Checked(lifetime, nameof(lifetime));
        return loads.Offers.TryPut(loads.Settlement.Prepare(key, loads.Core.HashOf(key), value, lifetime, default, asOf: asOf), lifetime, asOf);
    }

    public bool OfferAbsence(TKey key, Lifetime? lifetime, long asOf)
    {
        loads.Core.ThrowIfDisposed();
        if (lifetime is not null) Lives<TKey, TValue>.Checked(lifetime, nameof(lifetime));
        return loads.Offers.TryPut(loads.Settlement.PrepareAbsence(key, loads.Core.HashOf(key), lifetime), lifetime, asOf);
    }

    public async ValueTask<(int Warmed, int Failed)> LoadAsync(IReadOnlyCollection<TKey> keys, TimeSpan freshFor, CancellationToken cancellationToken)
    {
        loads.Core.ThrowIfDisposed();
        long now = loads.Core.Now;
        long until = freshFor.Ticks > TimedNode.Never - now ? TimedNode.Never : now + freshFor.Ticks;
        var many = new ManyReads<TKey, TValue>(loads);
        many.LoadUnlessFresh(keys, until, cancellationToken);
        var loaded = await many.LoadAsync(cancellationToken).ConfigureAwait(false);
        int failed = loaded.Values.Count(static result => result.Error is not null);
        return (keys.Count - failed, failed);
    }
}
