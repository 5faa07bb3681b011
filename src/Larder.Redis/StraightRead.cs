namespace Larder.Redis;

/// <summary>
/// A read that the server, or the node of a cluster, is asked for without further ado. If that sends the caller on, or there is no generation, the read is begun anew in steps; if a node's link
/// breaks, what it has is not found.
/// </summary>
internal sealed class StraightRead(TierReads reads, int slot, IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken) : ReadCommand(reads.Generations, slot, keys, receiver)
{
    protected override bool GoesOn(Exception? error)
    {
        if (error is RedisConnectionException && reads.Client.IsPartlyLinked)
        {
            TierReads.Away(Keys, Receiver);
            End(null);
            return true;
        }

        if (error is null ? !FoundNone : error is not RedisException) return false;
        _ = AnewAsync();
        return true;
    }

    // Not on the thread that reads answers. Never throws.
    private async Task AnewAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Exception? fault = null;
        try
        {
            await reads.ReadAsync(Slot, Keys, Receiver, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            fault = error;
        }

        End(fault);
    }
}
