using System.Collections.Concurrent;

namespace Larder.Loading;

/// <summary>One read of many keys: what is there is taken, what is being loaded is joined, and the rest is loaded together.</summary>
internal sealed class ManyReads<TKey, TValue>(Loads<TKey, TValue> loads, Skip skip = Skip.None) where TKey : notnull
{
    private readonly ByChain<TKey, TValue> _maker = new(skip);
    private readonly Dictionary<TKey, CacheResult<TValue>> _results = new(loads.Core.Comparer);
    private readonly Dictionary<TKey, Reading<TKey, TValue>> _waits = new(loads.Core.Comparer);
    private readonly List<AskingFlight<TKey, TValue>> _led = [];

    /// <summary>Takes what is there, and joins or claims what is not.</summary>
    internal void Meet(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken) => ForEach(keys, key =>
    {
        int hash = loads.Core.HashOf(key);
        if (skip.HasFlag(Skip.MemoryRead))
        {
            _waits.Add(key, loads.Reads.Load(key, hash, loads.Reads.Find(key, hash), _maker, cancellationToken, AskingFlight.AnyAgeAnew, _led));
            return;
        }

        var status = loads.Reads.Meet(key, hash, out var entry, _maker);
        if (status is ReadStatus.Miss or ReadStatus.Expired)
            _waits.Add(key, loads.Reads.Load(key, hash, entry, _maker, cancellationToken, led: _led));
        else _results.Add(key, loads.Results.Of(entry!, status));
    });

    /// <summary>Joins or claims what is neither fresh until then, nor known to be absent. Is no use of what is.</summary>
    internal void LoadUnlessFresh(IReadOnlyCollection<TKey> keys, long until, CancellationToken cancellationToken) => ForEach(keys, key =>
    {
        int hash = loads.Core.HashOf(key);
        var entry = loads.Reads.Find(key, hash);
        var age = EntryAges.Of(entry, loads.Core.Now);
        if (age != EntryAge.Absent && (age != EntryAge.Fresh || entry!.Value.FreshUntil < until))
            _waits.Add(key, loads.Reads.Load(key, hash, entry, _maker, cancellationToken, until == long.MinValue ? until : until - 1, _led));
    });

    /// <summary>Loads what is to be led, and waits for everything.</summary>
    /// <param name="cancellationToken">The caller's own: what else is cancelled is a failure of its key alone.</param>
    internal async ValueTask<IReadOnlyDictionary<TKey, CacheResult<TValue>>> LoadAsync(CancellationToken cancellationToken)
    {
        _ = Launch();
        OperationCanceledException? cancelled = null;
        foreach (var (key, reading) in _waits)
        {
            try
            {
                _results.Add(key, await loads.Results.Result(reading).ConfigureAwait(false));
            }
            catch (OperationCanceledException error) when (cancellationToken.IsCancellationRequested)
            {
                // Every wait is still awaited, each being a load of its own.
                cancelled = error;
            }
            catch (Exception error)
            {
                _results.Add(key, new() { Status = ReadStatus.Miss, Error = error });
            }
        }

        if (cancelled is not null) throw cancelled;
        return _results;
    }

    private void ForEach(IReadOnlyCollection<TKey> keys, Action<TKey> meet)
    {
        try
        {
            foreach (var key in keys) meet(key);
        }
        catch
        {
            // Nothing of a read that fails before it has begun to load may be left behind.
            foreach (var flight in _led) flight.End(new(LoadEnding.Cancelled, default, new OperationCanceledException("The read of many keys failed before it began to load.")));
            throw;
        }
    }

    private async Task Launch()
    {
        if (_led.Count == 0) return;
        var asking = loads.Walk is { } walk ? await walk.DescendAsync(_led).ConfigureAwait(false) : _led;
        foreach (var flight in asking) flight.PauseTimeouts(); // What waits for others of this read has its time still.
        var calls = new ConcurrentQueue<List<AskingFlight<TKey, TValue>>>(asking.Chunk(loads.Chain.TakesMany ? loads.Batches.MaxBatch : 1).Select(static chunk => chunk.ToList()));
        for (int i = Math.Min(loads.Batches.MaxParallel, calls.Count); i > 0; i--) _ = Work(calls);
    }

    // One of the workers that make the calls, one call after the other each.
    private async Task Work(ConcurrentQueue<List<AskingFlight<TKey, TValue>>> calls)
    {
        while (calls.TryDequeue(out var call))
        {
            if (call.Count > 1 || loads.Chain.TakesMany)
            {
                await new BatchRun<TKey, TValue>(loads, loads.Chain, call).RunAsync().ConfigureAwait(false);
                continue;
            }

            call[0].Start(canBeDeserted: true);
            await call[0].Ended().ConfigureAwait(false);
        }
    }
}
