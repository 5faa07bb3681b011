using Larder.Redis.Topology;

namespace Larder.Redis;

/// <summary>The reads of a tier: in one command from one server, in one for each slot from a cluster.</summary>
internal sealed class TierReads(RedisClient client, Generations generations)
{
    internal RedisClient Client => client;

    internal Generations Generations => generations;

    internal ValueTask ReadAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken)
    {
        if (client.IsOneServer) return ReadStraightAsync(SlotPart.Anywhere, keys, receiver, cancellationToken);
        return client.IsCluster && keys.Count == 1
            ? ReadStraightAsync(RedisNames.Slot(keys[0]), keys, receiver, cancellationToken)
            : ReadPartsAsync(keys, receiver, cancellationToken);
    }

    private async ValueTask ReadPartsAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken)
    {
        var parts = await client.PartAsync([.. Enumerable.Range(0, keys.Count)], position => RedisNames.Slot(keys[position]), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(parts.Select(part =>
            ReadAsync(part.Slot, [.. part.Items.Select(position => keys[position])], new TierPart(receiver, part.Items), cancellationToken).AsTask())).ConfigureAwait(false);
    }

    // Nearly all reads are answered at once by whom they ask: no more than the command is made for those.
    private ValueTask ReadStraightAsync(int slot, IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken)
    {
        try
        {
            if (client.LinkOf(slot) is { } link) return link.SendAsync(new StraightRead(this, slot, keys, receiver, cancellationToken), cancellationToken);
        }
        catch (RedisConnectionException)
        {
            // It has just broken.
        }

        return ReadAsync(slot, keys, receiver, cancellationToken);
    }

    /// <summary>Reads keys of one slot, wherever it is, or of one server.</summary>
    internal async ValueTask ReadAsync(int slot, IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken)
    {
        try
        {
            // Made before anything is loaded: so a clearing after this puts what will be loaded out of sight.
            if (await ReadTogetherAsync(slot, keys, receiver, cancellationToken).ConfigureAwait(false) && await generations.TryMakeAsync(slot, cancellationToken).ConfigureAwait(false))
                await ReadTogetherAsync(slot, keys, receiver, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisConnectionException) when (client.IsPartlyLinked)
        {
            Away(keys, receiver);
        }
    }

    /// <summary>One node's share is not found. That it is away is in the log.</summary>
    internal static void Away(IReadOnlyList<TierKey> keys, ITierReceiver receiver)
    {
        for (int i = 0; i < keys.Count; i++) receiver.Stamped(i, TierStamp.Nothing);
    }

    // Returns whether there is no generation, and so nothing to be found.
    private async ValueTask<bool> ReadTogetherAsync(int slot, IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken)
    {
        var together = new ReadCommand(generations, slot, keys, receiver);
        try
        {
            await client.SendAsync(together, cancellationToken).ConfigureAwait(false);
            return together.FoundNone;
        }
        catch (RedisException error) when (error.Message.StartsWith("TRYAGAIN", StringComparison.Ordinal))
        {
            // The slot is on its way to another node, and some keys are there already: each is asked for where it is. The generation first, so that it is no newer than they are.
        }

        long generation = await generations.ReadAsync(slot, cancellationToken).ConfigureAwait(false), asked = client.Time.GetTimestamp();
        bool isNone = generation == Generations.None;
        await Task.WhenAll(keys.Select((key, i) => client.SendAsync(
            (ref reader) =>
            {
                ReadCommand.Take(ref reader, generation, isNone, asked, receiver, i);
                return true;
            },
            cancellationToken, ["GET"u8.ToArray(), RedisNames.Of(key)]).AsTask())).ConfigureAwait(false);
        return isNone;
    }
}
