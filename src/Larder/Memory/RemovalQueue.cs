using System.Collections.Concurrent;
using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Memory;

/// <summary>
/// Carries removals to the user's handler: enqueued under a shard's lock, so in order for each key, and delivered on the
/// thread pool, one at a time, outside all locks.
/// </summary>
/// <param name="handler">Who is told.</param>
/// <param name="logger">Told of a handler that throws.</param>
/// <param name="concerns">Whether the handler is to be told of this value's removal; null for all. Called under a shard's lock, so it must be one of ours.</param>
internal sealed class RemovalQueue<TKey, TValue>(Action<Removal<TKey, TValue>> handler, ILogger logger, Predicate<TValue?>? concerns = null) : IDepartureWatch<TKey, TValue>, IThreadPoolWorkItem
{
    /// <summary>How many may wait. Beyond it the handler is too slow for good, and removals are dropped and counted.</summary>
    internal const int Limit = 1 << 20;

    private readonly ConcurrentQueue<Removal<TKey, TValue>> _queue = new();

    // How many are enqueued and not yet delivered. Whoever raises it from zero starts the delivery, which goes on until
    // it is zero again: so one delivery runs at a time.
    private int _waiting;

    private long _dropped;
    private long _failures;

    internal long Dropped => Volatile.Read(ref _dropped);

    internal long Failures => Volatile.Read(ref _failures);

    public void Add(in Removal<TKey, TValue> removal)
    {
        if (concerns?.Invoke(removal.Value) == false) return;
        if (Volatile.Read(ref _waiting) >= Limit)
        {
            if (Interlocked.Increment(ref _dropped) == 1) logger.Later(static log => log.RemovalsDropped(Limit));
            return;
        }

        _queue.Enqueue(removal);
        if (Interlocked.Increment(ref _waiting) == 1) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Ends when everything enqueued so far has been delivered, or the time is up.</summary>
    internal async Task<bool> DrainAsync(TimeSpan atMost)
    {
        long until = Environment.TickCount64 + (long)atMost.TotalMilliseconds;
        while (Volatile.Read(ref _waiting) > 0)
        {
            if (Environment.TickCount64 >= until) return false;
            await Task.Delay(1).ConfigureAwait(false);
        }

        return true;
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            // Its enqueuer raises _waiting after enqueueing, so what is counted is there.
            _queue.TryDequeue(out var removal);
            try
            {
                handler(removal);
            }
            catch (Exception error)
            {
                long failures = Interlocked.Increment(ref _failures);
                if (EverFewer.IsDue(failures)) logger.RemovalHandlerFailed(failures, error);
            }
        }
        while (Interlocked.Decrement(ref _waiting) > 0);
    }
}
