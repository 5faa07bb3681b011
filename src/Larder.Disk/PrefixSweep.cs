namespace Larder.Disk;

/// <summary>Goes through the log once, on a thread of its own, and removes keys by their beginning, some at a time.</summary>
internal sealed class PrefixSweep(DiskTier tier, DiskLog log, SessionPool sessions)
{
    private const int Step = 256;

    internal async ValueTask<long> RunAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken)
    {
        var keys = await ScanAsync(prefixes, cancellationToken).ConfigureAwait(false);
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
    private async Task<HashSet<TierKey>> ScanAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken)
    {
        var session = sessions.TryRent() ?? await sessions.RentAsync().ConfigureAwait(false);
        try
        {
            var scanned = new TaskCompletionSource<HashSet<TierKey>>(TaskCreationOptions.RunContinuationsAsynchronously);
            var thread = new Thread(() =>
            {
                try
                {
                    scanned.SetResult(log.Scan(prefixes, cancellationToken));
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
