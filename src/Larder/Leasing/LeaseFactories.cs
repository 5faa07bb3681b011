using System.Diagnostics;
using Larder.Memory;

namespace Larder.Leasing;

/// <summary>Runs the factories of a leasing cache, as <see cref="Factories{TKey, TValue}"/> does, and leases what they bring to all who asked, stored or not.</summary>
internal sealed class LeaseFactories<TKey, TValue>(MemoryCore<TKey, Counted<TValue>> core, Holdings<TValue> holdings, FactoryCounters counters)
    where TKey : notnull where TValue : class, IDisposable
{
    /// <summary>A lease of what is there now, or of what the factory brings. Null: what was there has left meanwhile, and the caller is to look again.</summary>
    internal Lease<TValue>? GetOrAdd<TState>(TKey key, Func<TKey, TState, TValue> factory, TState state)
    {
        int hash = core.HashOf(key);
        if (core.ShardOf(hash).Enter(key, hash, core.Now, new LeaseFlight<TValue>.Maker(), out bool leads, out var found) is not LeaseFlight<TValue> flight)
            return found!.TryLease();
        try
        {
            if (leads) return Lead(flight, key, hash, factory, state).TryLease();
            counters.AddJoin();
            return flight.Join(key).TryLease();
        }
        finally
        {
            flight.Leave();
        }
    }

    /// <summary>As the other, by a factory that is waited for. Null: the caller is to look again.</summary>
    internal async ValueTask<Lease<TValue>?> GetOrAddAsync<TState>(TKey key, Func<TKey, TState, CancellationToken, ValueTask<TValue>> factory, TState state, CancellationToken cancellationToken)
    {
        int hash = core.HashOf(key);
        var seen = core.Find(key, hash);
        if (seen is not null && core.Now < seen.Deadline) return seen.Value.TryLease();
        if (core.ShardOf(hash).Enlist(key, hash, seen, new AwaitedFlight<TValue>.Maker(), out _, out bool leads) is not AwaitedFlight<TValue> flight) return null;
        if (leads) _ = LeadAsync(flight, key, hash, factory, state);
        else counters.AddJoin();
        try
        {
            return await flight.LeaseAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (flight.Leave()) GiveUp(flight, key, hash);
        }
    }

    // Whatever happens, the key is released and those who wait are told. Never throws.
    private async Task LeadAsync<TState>(AwaitedFlight<TValue> flight, TKey key, int hash, Func<TKey, TState, CancellationToken, ValueTask<TValue>> factory, TState state)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            var brought = Keep(flight, key, hash, await factory(key, state, flight.Unwanted).ConfigureAwait(false));
            counters.AddLoad();
            flight.Complete(brought);
        }
        catch (Exception error)
        {
            if (!flight.Unwanted.IsCancellationRequested) counters.AddFailure();
            try
            {
                core.ShardOf(hash).Abandon(flight, key);
            }
            catch (Exception)
            {
                // The comparer's fault: those who wait are told of the first.
            }

            flight.Fail(error);
        }

        counters.AddTimeSince(began);
        holdings.DisposeLeft(); // Perhaps nobody waits any more who would.
    }

    // What the factory may still bring is not stored, and who asks now has another called.
    private void GiveUp(AwaitedFlight<TValue> flight, TKey key, int hash)
    {
        try
        {
            core.ShardOf(hash).Abandon(flight, key);
        }
        finally
        {
            flight.Cancel();
        }
    }

    // Whatever happens, the key is released and those who wait are told.
    private Counted<TValue> Lead<TState>(LeaseFlight<TValue> flight, TKey key, int hash, Func<TKey, TState, TValue> factory, TState state)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            var brought = Keep(flight, key, hash, factory(key, state));
            flight.Brought = brought;
            counters.AddLoad();
            flight.Complete(brought);
            return brought;
        }
        catch (Exception error)
        {
            counters.AddFailure();
            flight.Fail(error, core.ShardOf(hash), key);
            throw;
        }
        finally
        {
            counters.AddTimeSince(began);
        }
    }

    // Takes over what a factory made, with a hold of the flight's, and stores it. Where it cannot be stored any more, it is for those who asked alone.
    private Counted<TValue> Keep(Claim flight, TKey key, int hash, TValue? made)
    {
        var brought = holdings.Take(made ?? throw new InvalidOperationException("The factory returned null, which cannot be leased."));
        try
        {
            Store(flight, key, hash, brought);
            return brought;
        }
        catch
        {
            holdings.LetGo(brought);
            throw;
        }
    }

    private void Store(Claim flight, TKey key, int hash, Counted<TValue> brought)
    {
        bool isStored = false;
        _ = brought.TryHold(); // The entry's hold. The flight has one, so there is no doubt.
        try
        {
            isStored = core.Commit(flight, core.Prepare(key, hash, brought, null, null));
        }
        catch (ObjectDisposedException) when (holdings.IsClosed)
        {
            core.ShardOf(hash).Abandon(flight, key);
        }
        finally
        {
            if (!isStored) holdings.LetGo(brought);
        }
    }
}
