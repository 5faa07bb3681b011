using Larder.Observability;
using Larder.Tiers;
using Microsoft.Extensions.Logging;

namespace Larder.Writing;

/// <summary>What a write-behind queue has its journal do: keep what was taken, bring it back, and forget it when it is done.</summary>
internal sealed class WriteJournaling<TKey, TValue>(IWriteJournal journal, PayloadOptions<TKey, TValue> payloads, string cacheName, ILogger? logger) : IAsyncDisposable where TKey : notnull
{
    private readonly WriteCodec<TKey, TValue> _codec = new(payloads);
    private readonly LogLimit _failures = new(TimeProvider.System);
    private readonly Lock _gate = new();

    // Guarded by _gate. For each append under way, a position below its own: nothing from there on may be forgotten before it is in the queue.
    private readonly LinkedList<long> _appending = new();
    private long _next; // Guarded by _gate. Behind every position that has been in the queue.
    private Task? _replay; // Guarded by _gate.
    private long _truncated;

    internal long Replayed { get; private set; }

    /// <summary>Brings back what an earlier process had taken, once.</summary>
    internal Task ReplayAsync(Action<Write<TKey, TValue>, long> take, Action<ReadOnlyMemory<byte>> takeUnreadable)
    {
        lock (_gate) return _replay is { IsFaulted: false, IsCanceled: false } ? _replay : _replay = RunAsync();

        async Task RunAsync()
        {
            // The journal is the user's, and not to be called under the lock.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            (Replayed, long unreadable) = (0, 0);
            await foreach (var record in journal.ReplayAsync().ConfigureAwait(false))
            {
                if (_codec.TryDecode(record.Bytes, out var write))
                {
                    take(write, record.Position);
                }
                else
                {
                    takeUnreadable(record.Bytes);
                    unreadable++;
                }

                lock (_gate) _next = Math.Max(_next, record.Position + 1);
                Replayed++;
            }

            long count = Replayed - unreadable;
            if (Replayed > 0) logger?.Later(logger => logger.WritesReplayed(cacheName, count, unreadable));
        }
    }

    /// <summary>Appends the write; when the journal has it, takes it.</summary>
    internal async ValueTask AppendAsync(Write<TKey, TValue> write, Action<long> take)
    {
        using var record = new PooledBuffer();
        _codec.Encode(write, record);
        LinkedListNode<long> under;
        lock (_gate) under = _appending.AddLast(_next);
        try
        {
            // Not to be cancelled: the journal would have what nobody has taken.
            long position = await journal.AppendAsync(record.Written, CancellationToken.None).ConfigureAwait(false);
            take(position);
            lock (_gate) _next = Math.Max(_next, position + 1);
        }
        finally
        {
            lock (_gate) _appending.Remove(under);
        }
    }

    /// <summary>Forgets what is done. Never throws.</summary>
    /// <param name="oldest">The oldest position that must be kept, given the one behind the last.</param>
    internal async ValueTask TruncateAsync(Func<long, long> oldest)
    {
        long next, appending;
        lock (_gate) (next, appending) = (_next, _appending.Count == 0 ? long.MaxValue : _appending.Min());
        long upTo = Math.Min(oldest(next), appending);
        if (upTo <= _truncated) return;
        try
        {
            await journal.TruncateAsync(upTo).ConfigureAwait(false);
            _truncated = upTo;
        }
        catch (Exception error)
        {
            if (_failures.MaySay()) logger?.Later(logger => logger.JournalNotTruncated(cacheName, error));
        }
    }

    public ValueTask DisposeAsync() => journal.DisposeAsync();
}
