using Larder.Observability;

namespace Larder.Tiers;

/// <summary>Changes of one tier on their last way into it: what others have overtaken stays behind, and each call is counted, measured and traced.</summary>
internal sealed class TierCalls(string cacheName, ICacheTier tier, TierCounters counters, TimeProvider time)
{
    internal ValueTask ClearAsync(CancellationToken cancellationToken) => CallAsync("clear", 0, [], () => tier.ClearAsync(cancellationToken));

    /// <summary>Removes and writes what the changes say. They and their buffers stay as they are until this has ended.</summary>
    internal async ValueTask ChangeAsync(IReadOnlyCollection<TierChange> batch, CancellationToken cancellationToken)
    {
        var late = batch.Where(static change => change is { IsLate: true, Over: null, Payload: not null }).ToDictionary(static change => change, static TierStamp? (_) => null);
        if (tier.IsShared) await OvertakeAsync(late, cancellationToken).ConfigureAwait(false);
        TierEntry[] written = [.. batch.Where(static change => change is { Payload: not null, IsOvertaken: false })
            .Select(change => new TierEntry(change.Key, change.Payload!.Written, change.Until) { Over = change.Over ?? late.GetValueOrDefault(change) })];
        TierKey[] removed = [.. batch.Where(static change => change.Payload is null).Select(static change => change.Key)];
        if (removed.Length > 0) await CallAsync("remove", removed.Length, batch, () => tier.RemoveAsync(removed, cancellationToken)).ConfigureAwait(false);
        TierCounters.Add(ref counters.Removals, removed.Length);
        if (written.Length > 0) await CallAsync("set", written.Length, batch, () => tier.SetAsync(written, cancellationToken)).ConfigureAwait(false);
        TierCounters.Add(ref counters.Writes, written.Length);
    }

    // While this process could not reach the tier others may have: what one of them made later stays, and where one has removed the key nothing is written. If the tier
    // says in which state it has the key, that must still be so when it is written. A removal can only cost a load, and is done.
    private async ValueTask OvertakeAsync(Dictionary<TierChange, TierStamp?> late, CancellationToken cancellationToken)
    {
        if (late.Count == 0) return;
        TierChange[] all = [.. late.Keys];
        using var found = new TierPayloads(all.Length);
        await tier.GetAsync([.. all.Select(static change => change.Key)], found, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < all.Length; i++)
        {
            // What is there is not known, and what is later than it would be lost if that were taken for nothing.
            if (found.StampOf(i) == TierStamp.Nothing) throw new IOException($"The part of tier '{tier.Name}' that has a key written late is away.");
            late[all[i]] = found.StampOf(i);
            all[i].IsOvertaken = found.TryGet(i, out var theirs) ? Envelope.IsNewer(theirs.Span, all[i].Payload!.Written.Span) : found.StampOf(i) is { State: not 0 };
            if (all[i].IsOvertaken) TierCounters.Add(ref counters.Overtaken);
        }
    }

    private async ValueTask CallAsync(string operation, int keys, IReadOnlyCollection<TierChange> batch, Func<ValueTask> work)
    {
        var call = TierCall.Change(cacheName, tier.Name, operation, keys, batch.Select(static change => change.Cause), time);
        try
        {
            await work().ConfigureAwait(false);
            call.End(null);
        }
        catch (Exception error)
        {
            call.End(error);
            throw;
        }
    }
}
