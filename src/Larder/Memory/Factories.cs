using System.Diagnostics;

namespace Larder.Memory;

/// <summary>
/// Runs users' factories: one at a time for a key, outside all locks, their result shared by all who asked meanwhile. What
/// a factory brings is stored only if nothing was written to the key, and nothing removed, since it began.
/// </summary>
internal sealed class Factories<TKey, TValue>(MemoryCore<TKey, TValue> core) where TKey : notnull
{
    internal FactoryCounters Counters { get; } = new();

    internal TValue GetOrAdd<TState>(TKey key, Func<TKey, TState, TValue> factory, TState state)
    {
        int hash = core.HashOf(key);
        var shard = core.ShardOf(hash);
        var flight = shard.Enter(key, hash, core.Now, new Flight<TValue>.Maker(), out bool leads, out var found);
        if (flight is null) return core.ForReader(found!);
        if (!leads)
        {
            Counters.AddJoin();
            return core.ForReader(flight.Join(key));
        }

        return core.ForReader(Lead(flight, key, hash, factory, state, out _));
    }

    internal TValue AddOrUpdate<TState>(TKey key, Func<TKey, TState, TValue> add, Func<TKey, TValue, TState, TValue> update, TState state)
    {
        int hash = core.HashOf(key);
        while (true)
        {
            var flight = core.ShardOf(hash).EnterToChange(key, hash, core.Now, out bool leads, out bool exists, out var current);
            if (!leads)
            {
                flight.Await(key);
                continue;
            }

            var value = exists
                ? Lead(flight, key, hash, static (k, s) => s.update(k, s.current!, s.state), (update, current, state), out bool stored)
                : Lead(flight, key, hash, add, state, out stored);
            if (stored) return core.ForReader(value);
        }
    }

    internal bool TryUpdate(TKey key, TValue value, TValue comparison)
    {
        int hash = core.HashOf(key);
        while (true)
        {
            var flight = core.ShardOf(hash).EnterToChange(key, hash, core.Now, out bool leads, out bool exists, out var current);
            if (!leads)
            {
                flight.Await(key);
                continue;
            }

            if (!exists || !AreEqual(flight, key, hash, current!, comparison))
            {
                flight.Fail(new OperationCanceledException("The update that was waited for did not take place."), core.ShardOf(hash), key);
                return false;
            }

            Lead(flight, key, hash, static (_, v) => v, value, out bool stored);
            if (stored) return true;
        }
    }

    private bool AreEqual(Flight<TValue> flight, TKey key, int hash, TValue current, TValue comparison)
    {
        try
        {
            return EqualityComparer<TValue>.Default.Equals(current, comparison);
        }
        catch (Exception error)
        {
            flight.Fail(error, core.ShardOf(hash), key);
            throw;
        }
    }

    // Whatever happens, the key is released and those who wait are told.
    private TValue Lead<TState>(Flight<TValue> flight, TKey key, int hash, Func<TKey, TState, TValue> factory, TState state, out bool stored)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            var value = factory(key, state);
            var written = core.Prepare(key, hash, value, null, null);
            stored = core.Commit(flight, written);
            Counters.AddLoad();
            flight.Complete(written.Value);
            return written.Value;
        }
        catch (Exception error)
        {
            Counters.AddFailure();
            flight.Fail(error, core.ShardOf(hash), key);
            throw;
        }
        finally
        {
            Counters.AddTimeSince(began);
        }
    }
}
