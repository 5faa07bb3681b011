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

    // Whatever happens, the key is released and those who wait are told.
    private Counted<TValue> Lead<TState>(LeaseFlight<TValue> flight, TKey key, int hash, Func<TKey, TState, TValue> factory, TState state)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            var brought = holdings.Take(factory(key, state) ?? throw new InvalidOperationException("The factory returned null, which cannot be leased."));
            flight.Brought = brought;
            Store(flight, key, hash, brought);
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

    // Where it cannot be stored any more, it is for those who asked alone.
    private void Store(LeaseFlight<TValue> flight, TKey key, int hash, Counted<TValue> brought)
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
