using Larder.Tiers;

namespace Larder.Loading;

/// <summary>One load per key in the cluster: who gets the lease loads, the others wait until it is given back and look into the tiers again.</summary>
internal sealed class LeaseHolds<TKey, TValue>(Loads<TKey, TValue> loads, TierChain<TKey, TValue> tiers, CoherenceOptions coherence) where TKey : notnull
{
    /// <summary>Asks for the leases of what the tiers do not have. Returns the flights that are to load; of the others <paramref name="again"/> is told when it is time to look again. Never throws.</summary>
    internal async ValueTask<List<AskingFlight<TKey, TValue>>> AcquireAsync(List<AskingFlight<TKey, TValue>> flights, Func<AskingFlight<TKey, TValue>, Task> again)
    {
        List<AskingFlight<TKey, TValue>> mine = [], asking = [];
        List<TierKey> names = [];
        foreach (var flight in flights)
        {
            if (flight.Below?.Lease is null && !flight.Skip.HasFlag(Skip.TierWrite) && TryName(flight.Key, out var name))
            {
                asking.Add(flight);
                names.Add(name);
            }
            else
            {
                mine.Add(flight);
            }
        }

        if (names.Count == 0) return mine;
        Task<IReadOnlyList<ILoadLease?>>? asked = null;
        IReadOnlyList<ILoadLease?> leases;
        try
        {
            asked = coherence.Leases!.AcquireAsync(names, coherence.LeaseDuration, loads.Lifetime).AsTask();
            leases = await asked.WaitAsync(coherence.LeaseDuration, loads.Time).ConfigureAwait(false);
            if (leases.Count != names.Count) throw new InvalidOperationException($"Asked for {names.Count} leases, they gave {leases.Count}.");
        }
        catch (Exception)
        {
            // Who cannot be asked cannot say no.
            if (asked is not null) _ = LeaseHolds.GiveBackAsync(asked);
            mine.AddRange(asking);
            return mine;
        }

        for (int i = 0; i < asking.Count; i++)
        {
            if (leases[i] is { } lease)
            {
                asking[i].MakeBelow().Lease = lease;
                mine.Add(asking[i]);
            }
            else if (asking[i].IsRefresh) asking[i].End(new(LoadEnding.Refused, default, null)); // Another process refreshes it.
            else _ = WaitAsync(asking[i], names[i], again);
        }

        return mine;
    }

    // Until the other has loaded, or has had its time.
    private async Task WaitAsync(AskingFlight<TKey, TValue> flight, TierKey name, Func<AskingFlight<TKey, TValue>, Task> again)
    {
        try
        {
            using var patience = new CancellationTokenSource(coherence.LeaseDuration, loads.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, loads.Lifetime);
            await coherence.Leases!.WaitAsync(name, either.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It is not known when: then it is now.
        }

        await again(flight).ConfigureAwait(false);
    }

    private bool TryName(TKey key, out TierKey name)
    {
        try
        {
            return tiers.Keys.TryName(key, 0, out name);
        }
        catch (Exception)
        {
            // The key's format threw: it passes the tiers by.
            name = default;
            return false;
        }
    }
}

internal static class LeaseHolds
{
    /// <summary>Gives back what is given too late. Never throws.</summary>
    internal static async Task GiveBackAsync(Task<IReadOnlyList<ILoadLease?>> asked)
    {
        try
        {
            foreach (var lease in await asked.ConfigureAwait(false))
                if (lease is not null) await ReleaseAsync(lease, Task.CompletedTask).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Then there is none.
        }
    }

    /// <summary>Gives a lease back when the tiers have what was loaded. Never throws.</summary>
    internal static async Task ReleaseAsync(ILoadLease lease, Task written)
    {
        try
        {
            await written.ConfigureAwait(false);
            await lease.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It ends with its time.
        }
    }
}
