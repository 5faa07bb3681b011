namespace Larder.Disk;

/// <summary>Goes through the log once, a segment at a time on a thread of its own, and removes keys by their beginning, some at a time.</summary>
internal sealed class PrefixSweep(DiskTier tier, DiskLog log, SessionPool sessions)
{
    private const int Step = 256;

    internal async ValueTask<long> RunAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken)
    {
        long removed = 0, end = log.End, segment = log.Sizes.Segment;
        for (long from = log.Begin, to; from < end; from = Math.Max(to, log.Begin))
        {
            to = Math.Min((from & -segment) + segment, end);
            removed += await RemoveAsync(await ScanAsync(from, to, prefixes, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    private async ValueTask<long> RemoveAsync(HashSet<TierKey> keys, CancellationToken cancellationToken)
    {
        long removed = 0;
        using var found = new TierPayloads(Step);
        foreach (var step in keys.Chunk(Step))
        {
            found.Reset(step.Length);
            await tier.GetAsync(step, found, cancellationToken).ConfigureAwait(false);
            TierKey[] alive = [.. step.Where((_, i) => found.TryGet(i, out ReadOnlyMemory<byte> _))];
            await tier.RemoveAsync(alive, cancellationToken).ConfigureAwait(false);
            removed += alive.Length;
        }

        return removed;
    }

    // With a session in hand, so that closing waits until the log is not read any more.
    private async Task<HashSet<TierKey>> ScanAsync(long from, long to, IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken)
    {
        var session = sessions.TryRent() ?? await sessions.RentAsync().ConfigureAwait(false);
        try
        {
            var scanned = new TaskCompletionSource<HashSet<TierKey>>(TaskCreationOptions.RunContinuationsAsynchronously);
            var thread = new Thread(() =>
            {
                try
                {
                    scanned.SetResult(log.Scan(from, to, prefixes, cancellationToken));
                }
                catch (Exception error)
                {
                    scanned.SetException(error);
                }
            })
            { IsBackground = true, Name = "Larder disk sweep" };
            thread.Start();
            var keys = await scanned.Task.ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return keys;
        }
        finally
        {
            sessions.Return(session);
        }
    }
}
