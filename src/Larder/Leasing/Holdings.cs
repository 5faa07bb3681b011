using System.Collections.Concurrent;
using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Leasing;

/// <summary>The values that one cache has taken over and not yet disposed: each once, under however many keys, and each disposed once.</summary>
internal sealed class Holdings<TValue>(ILogger logger) where TValue : class, IDisposable
{
    // By reference. Has a value from when it is taken over until it has been disposed.
    private readonly ConcurrentDictionary<TValue, Counted<TValue>> _all = new(ReferenceEqualityComparer.Instance);

    // What was let go last under a shard's lock. Holds no more than the calls under way have displaced, for each empties it
    // once it holds no lock: nothing is dropped, and who displaces faster than values are disposed waits for that.
    private readonly ConcurrentQueue<Counted<TValue>> _left = new();

    private long _failures;
    private volatile bool _isClosed;

    internal int Count => _all.Count;

    /// <summary>How many values threw when they were disposed.</summary>
    internal long Failures => Volatile.Read(ref _failures);

    /// <summary>Whether the cache was disposed. Set before it is cleared.</summary>
    internal bool IsClosed => _isClosed;

    internal void Close() => _isClosed = true;

    internal void ResetFailures() => Volatile.Write(ref _failures, 0);

    /// <summary>Takes a value over, and holds it for the caller.</summary>
    /// <exception cref="ArgumentException">It is being disposed.</exception>
    internal Counted<TValue> Take(TValue value)
    {
        while (true)
        {
            if (_all.TryGetValue(value, out var known))
                return known.TryHold() ? known : throw new ArgumentException("The value has left the cache and is being disposed; it cannot be cached again.", nameof(value));
            var taken = new Counted<TValue>(value, this);
            if (_all.TryAdd(value, taken)) return taken;
        }
    }

    /// <summary>Lets a value go. Called without a lock, for it may be disposed.</summary>
    internal void LetGo(Counted<TValue> counted)
    {
        if (counted.LetGo()) Dispose(counted);
    }

    /// <summary>Lets a value go under a shard's lock: if nobody holds it, it is disposed by the next <see cref="DisposeLeft"/>.</summary>
    internal void LetGoLocked(Counted<TValue> counted)
    {
        if (counted.LetGo()) _left.Enqueue(counted);
    }

    /// <summary>Disposes what was let go under locks. Called without one, by everyone who may have displaced something.</summary>
    internal void DisposeLeft()
    {
        while (_left.TryDequeue(out var counted)) Dispose(counted);
    }

    private void Dispose(Counted<TValue> counted)
    {
        try
        {
            counted.Value.Dispose();
        }
        catch (Exception error)
        {
            long failures = Interlocked.Increment(ref _failures);
            if (EverFewer.IsDue(failures)) logger.Later(log => log.ValueDisposalFailed(failures, error));
        }

        _all.TryRemove(counted.Value, out _);
    }
}
