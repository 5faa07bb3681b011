using Larder.Memory;
using Larder.Observability;
using Larder.Resilience;
using Microsoft.Extensions.Logging;

namespace Larder.Writing;

/// <summary>Writes wait, and go to the writer together.</summary>
/// <remarks>
/// Invariants. Between taking and the source's having it, a write is in the queue, where readers find it. The writer is never asked for two writes
/// of a key at once, nor for an older one after a newer. With a journal, a write is taken when the journal has it; the journal keeps it until the
/// source has that write or a later one of its key, or it has been given up.
/// </remarks>
internal sealed class WriteBehind<TKey, TValue> : IAsyncDisposable where TKey : notnull
{
    private readonly WritingOptions<TKey, TValue> _options;
    private readonly WriteBehindOptions<TKey, TValue> _behind;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ILogger? _logger;
    private readonly LogLimit _tellings;
    private readonly IEqualityComparer<TKey>? _comparer;
    private readonly WriteJournaling<TKey, TValue>? _journal;
    private readonly DeadLetters<TKey, TValue> _dead;
    private readonly Backoff _backoff;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly WriteQueue<TKey, TValue> _queue; // Guarded by _gate.
    private readonly WritePlaces _places; // Guarded by _gate.
    private readonly List<(long Number, TaskCompletionSource Done)> _flushes = []; // Guarded by _gate.
    private readonly WritePace _pace;
    private readonly Task _work;
    private bool _isClosed; // Guarded by _gate. Nothing is taken any more.
    private bool _isOver; // Guarded by _gate. Nothing is written any more.
    private long _taken, _coalesced, _written, _batches, _failures, _refused; // Interlocked.
    private int _failuresInRow;

    internal WriteBehind(WritingOptions<TKey, TValue> options, PayloadOptions<TKey, TValue> payloads, CacheOptions<TKey, TValue> memory, string name)
    {
        (_options, _behind, _name, _time, _logger, _comparer) = (options, options.Behind!, name, memory.TimeProvider, memory.Logger, memory.Comparer);
        (_queue, _places, _pace) = (new(_comparer), new(_behind.MaxWaiting), new(_behind.Interval, _time));
        _tellings = new(memory.TimeProvider);
        _dead = new(_behind, payloads, _time, name, _logger);
        _backoff = new(_behind.Backoff, new Random());
        _journal = _behind.Journal is { } journal ? new(journal, payloads, name, _logger) : null;
        _work = WorkAsync();
    }

    internal WritingStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new()
                {
                    Waiting = _queue.Count,
                    Lag = _queue.Count == 0 ? TimeSpan.Zero : _time.GetElapsedTime(_queue.All.Min(static queued => queued.Since)),
                    Taken = _taken,
                    Coalesced = _coalesced,
                    Written = Volatile.Read(ref _written),
                    Batches = Volatile.Read(ref _batches),
                    Failures = Volatile.Read(ref _failures),
                    DeadLetters = _dead.Count,
                    Refused = Volatile.Read(ref _refused),
                    Replayed = _journal?.Replayed ?? 0,
                };
            }
        }
    }

    /// <summary>Brings back what an earlier process had taken, once; later callers wait for the first.</summary>
    internal Task StartAsync() => _journal?.ReplayAsync((write, position) =>
    {
        lock (_gate) AddLocked(write, position);
    }, _dead.AddUnreadable) ?? Task.CompletedTask;

    /// <summary>Takes the write: it will reach the source, or be a dead letter. One at a time for each key.</summary>
    /// <exception cref="InvalidOperationException">There is no room, and the options say that this is refused.</exception>
    internal async ValueTask TakeAsync(Write<TKey, TValue> write, CancellationToken cancellationToken)
    {
        await StartAsync().ConfigureAwait(false);
        await RoomAsync(write.Key, cancellationToken).ConfigureAwait(false);
        try
        {
            if (_journal is null) Add(write);
            else await _journal.AppendAsync(write, position =>
            {
                lock (_gate) AddLocked(write, position);
            }).ConfigureAwait(false);
        }
        catch
        {
            Interlocked.Increment(ref _refused);
            throw;
        }
        finally
        {
            lock (_gate) _places.Redeem(_queue.Count);
        }
    }

    /// <summary>The newest write of the key that the source may not have yet.</summary>
    internal bool TryFind(TKey key, out Write<TKey, TValue> write)
    {
        lock (_gate)
        {
            write = _queue.TryFind(key, out var queued) ? (queued.Waiting ?? queued.UnderWay)!.Value : default;
            return queued is not null;
        }
    }

    /// <summary>Ends when the source has all that was taken before, or it has been given up. Disposal that leaves something unwritten ends it with an exception.</summary>
    internal Task FlushAsync()
    {
        lock (_gate)
        {
            if (_queue.IsDoneUpTo(_queue.Newest)) return Task.CompletedTask;
            Disposal.ThrowIf(_isOver, _name);
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _flushes.Add((_queue.Newest, done));
            _queue.Hasten(_time.GetTimestamp());
            _pace.Press();
            return done.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            _places.Close(new ObjectDisposedException(_name));
        }

        await FlushAsync().WaitAsync(_behind.FlushTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closing.CancelAsync().ConfigureAwait(false);
        await _work.WaitAsync(_options.Timeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        int left;
        lock (_gate)
        {
            (left, _isOver) = (_queue.Count, true);
            foreach (var flush in _flushes) _ = flush.Done.TrySetException(new ObjectDisposedException(_name)) ? flush.Done.Task.Exception : null; // Looked at, for perhaps nobody else does.
        }

        if (left > 0) _logger?.Later(logger => logger.WritesLeft(_name, left));
        if (_journal is not null) await _journal.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
        _pace.Dispose();
    }

    // Without a journal, what comes when all has been written would be lost.
    private void Add(in Write<TKey, TValue> write)
    {
        lock (_gate)
        {
            Disposal.ThrowIf(_isClosed, _name);
            AddLocked(write, position: 0);
        }
    }

    private void AddLocked(in Write<TKey, TValue> write, long position)
    {
        _taken++;
        if (_queue.Add(write, position, _time.GetTimestamp())) _coalesced++;
        if (_queue.Count >= (_behind.MaxWaiting + 1) / 2) _pace.Press();
    }

    // A key that waits already needs no room of its own.
    private async ValueTask RoomAsync(TKey key, CancellationToken cancellationToken)
    {
        while (true)
        {
            LinkedListNode<TaskCompletionSource> mine;
            lock (_gate)
            {
                Disposal.ThrowIf(_isClosed, _name);
                if (_places.TryPromise(_queue.Count, _queue.Has(key))) return;
                if (_behind.RefusesWhenFull)
                {
                    Interlocked.Increment(ref _refused); // Others count without the lock.
                    throw new InvalidOperationException($"{_queue.Count} writes of cache '{_name}' wait for their source, and {nameof(_behind.MaxWaiting)} allows no more.");
                }

                mine = _places.LineUp();
                _pace.Press();
            }

            try
            {
                await mine.Value.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                lock (_gate) _places.TurnAway(mine, _queue.Count);
                throw;
            }
        }
    }

    private async Task WorkAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

        // All of it before anything is written: then what was written already comes again at most, never something older.
        await StartAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        List<Task> workers = [];
        bool isDue = false;
        while (!_closing.IsCancellationRequested)
        {
            if (!isDue) await _pace.WaitAsync(null, _closing.Token).ConfigureAwait(false);
            workers.RemoveAll(static worker => worker.IsCompleted);

            // Where none is added, those there are may have looked for the last time before what has come now: then it is looked once more.
            bool areAllOld = workers.Count == _behind.MaxParallel;
            while (workers.Count < _behind.MaxParallel) workers.Add(DrainAsync());

            // A call that takes long holds up its own keys, and no others.
            isDue = await _pace.WaitAsync(Task.WhenAll(workers), _closing.Token).ConfigureAwait(false) || areAllOld;
            if (_journal is not null) await _journal.TruncateAsync(OldestPosition).ConfigureAwait(false);
        }

        await Task.WhenAll(workers).ConfigureAwait(false);
    }

    private long OldestPosition(long next)
    {
        lock (_gate) return _queue.Count == 0 ? next : Math.Min(next, _queue.All.Min(static queued => queued.Position));
    }

    // One of the workers that empty the queue of what may be tried now.
    private async Task DrainAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            List<QueuedWrite<TKey, TValue>> taken;
            lock (_gate) taken = _queue.Take(_behind.MaxBatch, _time.GetTimestamp());
            if (taken.Count == 0) return;
            var batch = new WriteBatch<TKey, TValue>([.. taken.Select(static queued => queued.UnderWay!.Value)], _comparer);
            var error = await WriteCall.TryAsync(_options, batch, _time, _closing.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _batches);
            Settle(taken, batch, error);
        }
    }

    private void Settle(List<QueuedWrite<TKey, TValue>> taken, WriteBatch<TKey, TValue> batch, Exception? error)
    {
        List<DeadLetter<TKey, TValue>> dead = [];
        Exception? seen = null;
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            foreach (var queued in taken)
            {
                var failure = batch.ErrorOf(queued.Key) ?? error;
                seen ??= failure;
                if (failure is null)
                {
                    Interlocked.Increment(ref _written);
                    _queue.Done(queued, now);
                    continue;
                }

                bool isClosing = _closing.IsCancellationRequested;
                if (!isClosing) Interlocked.Increment(ref _failures);
                if (++queued.Attempts < _behind.MaxAttempts || isClosing)
                {
                    _queue.PutBack(queued, now + (long)(_backoff.Delay(queued.Failures + 1).TotalSeconds * _time.TimestampFrequency));
                    continue;
                }

                dead.Add(new(queued.UnderWay!.Value, queued.Attempts, failure));
                _queue.Done(queued, now);
            }

            _places.Tell(_queue.Count);
            foreach (var flush in _flushes.Where(flush => _queue.IsDoneUpTo(flush.Number)).ToList())
            {
                _flushes.Remove(flush);
                flush.Done.TrySetResult();
            }
        }

        foreach (var letter in dead) _dead.Add(letter);
        if (seen is null) Volatile.Write(ref _failuresInRow, 0);
        else if (Interlocked.Increment(ref _failuresInRow) == 1 && _tellings.MaySay()) _logger?.Later(logger => logger.WriteFailed(_name, seen));
    }
}
