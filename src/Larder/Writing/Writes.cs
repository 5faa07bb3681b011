namespace Larder.Writing;

/// <summary>The way of a cache's writes to their source: at once, or later and together.</summary>
internal sealed class Writes<TKey, TValue> : IAsyncDisposable where TKey : notnull
{
    private readonly WritingOptions<TKey, TValue> _options;
    private readonly CacheOptions<TKey, TValue> _memory;
    private readonly WriteBehind<TKey, TValue>? _behind;
    private long _taken, _written, _batches, _failures; // Interlocked; of those that are written at once.

    internal Writes(WritingOptions<TKey, TValue> options, PayloadOptions<TKey, TValue> payloads, CacheOptions<TKey, TValue> memory, string name)
    {
        (_options, _memory, Order) = (options, memory, new(memory.Comparer));
        _behind = options.Behind is null ? null : new(options, payloads, memory, name);
    }

    /// <summary>
    /// One at a time for each key, from the source's change to memory's: so that what memory ends up with is what the source ends up with.
    /// </summary>
    internal KeyOrder<TKey> Order { get; }

    internal WritingStatistics Statistics => _behind?.Statistics ?? new()
    {
        Taken = Volatile.Read(ref _taken),
        Written = Volatile.Read(ref _written),
        Batches = Volatile.Read(ref _batches),
        Failures = Volatile.Read(ref _failures),
    };

    /// <summary>Brings back what an earlier process had taken; ends at once when that has been done.</summary>
    internal Task StartAsync() => _behind?.StartAsync() ?? Task.CompletedTask;

    /// <summary>Takes a write, in the key's turn. What it throws says that the source does not have it; unless it is <see cref="WriteInDoubtException"/>.</summary>
    internal ValueTask TakeAsync(Write<TKey, TValue> write, CancellationToken cancellationToken) =>
        _behind?.TakeAsync(write, cancellationToken) ?? WriteAsync(write, cancellationToken);

    /// <summary>The newest write of the key that the source may not have yet.</summary>
    internal bool TryFind(TKey key, out Write<TKey, TValue> write)
    {
        write = default;
        return _behind is not null && _behind.TryFind(key, out write);
    }

    internal Task FlushAsync() => _behind?.FlushAsync() ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _behind?.DisposeAsync() ?? default;

    /// <summary>Whether writes go to the source at once, so that many can go together.</summary>
    internal bool AreAtOnce => _behind is null;

    /// <summary>Writes to the source at once, in the turns of all the keys, each of which is there once. Returns what failed of each, in their order; <see cref="WriteInDoubtException"/> if nobody knows. Never throws.</summary>
    internal async ValueTask<Exception?[]> WriteManyAsync(IReadOnlyList<Write<TKey, TValue>> writes, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _taken, writes.Count);
        Interlocked.Increment(ref _batches);
        var batch = new WriteBatch<TKey, TValue>(writes, _memory.Comparer);
        var error = await WriteCall.TryAsync(_options, batch, _memory.TimeProvider, cancellationToken).ConfigureAwait(false);
        Exception?[] errors = [.. writes.Select(write => (batch.ErrorOf(write.Key) ?? error) is { } failure ? failure is TimeoutException or OperationCanceledException ? new WriteInDoubtException(failure) : failure : null)];
        int failed = errors.Count(static failure => failure is not null);
        Interlocked.Add(ref _failures, failed);
        Interlocked.Add(ref _written, writes.Count - failed);
        return errors;
    }

    private async ValueTask WriteAsync(Write<TKey, TValue> write, CancellationToken cancellationToken)
    {
        if ((await WriteManyAsync([write], cancellationToken).ConfigureAwait(false))[0] is { } error) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
    }
}
