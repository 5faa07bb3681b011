using Larder.Memory;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>Every write and removal, to memory and to the tiers.</summary>
/// <remarks>
/// Invariant: for one key, the tiers are given changes in the order in which memory was changed, whoever made them. So what a load brings is
/// written below only if it was stored above, and a removal is never followed by an older value. Loads that began before a removal are superseded
/// by it, and reads of a tier find the removal waiting in the tier's queue before memory has lost the entry.
/// </remarks>
internal sealed class Changes<TKey, TValue>(Loads<TKey, TValue> loads, TierChain<TKey, TValue>? tiers) where TKey : notnull
{
    // One for all keys whose hashes share the low bits. Held for memory's change and the tiers' queues together, never while a tier works.
    private readonly Lock[] _order = [.. Enumerable.Range(0, tiers is null ? 0 : 64).Select(static _ => new Lock())];

    /// <summary>Writes what somebody who knows brings, over whatever is there or being loaded. Ends when the tiers have tried.</summary>
    internal Task Write(in NewEntry<TKey, Kept<TValue>> written, Lifetime? given, Skip skip = Skip.None)
    {
        if (tiers is null || skip.HasFlag(Skip.TierWrite))
        {
            WriteMemory(written, skip);
            return Told(Task.CompletedTask, written.Key, isWrite: true, skip);
        }

        var below = Below(written, given, isWritten: true, null);
        Task tried;
        lock (OrderOf(written.Hash))
        {
            // Below first: whoever finds memory without the entry must not find an older one there.
            tried = below.Begin(loads.Time, waits: true);
            WriteMemory(written, skip);
        }

        return Told(tried, written.Key, isWrite: true, skip);
    }

    /// <summary>Stores what a claim brought, unless it was superseded. Returns whether it did.</summary>
    internal bool Commit(Claim claim, in NewEntry<TKey, Kept<TValue>> written, Lifetime? given) => Commit(claim, written, given, null, out _, waits: false);

    /// <summary>As the other, for what is known to be the newest: it takes the place of whatever the tiers have.</summary>
    internal bool CommitWritten(Claim claim, in NewEntry<TKey, Kept<TValue>> written, Lifetime? given) =>
        Commit(claim, written, tiers is null ? default : Below(written, given, isWritten: true, null), null, out _, waits: false, Skip.None);

    /// <summary>As the other, over what the shared tiers had before the load; and tells when the tiers have tried, if the caller wants to wait for that.</summary>
    internal bool Commit(Claim claim, in NewEntry<TKey, Kept<TValue>> written, Lifetime? given, TierStamp?[]? stamps, out Task tried, bool waits, Skip skip = Skip.None) =>
        Commit(claim, written, tiers is null || skip.HasFlag(Skip.TierWrite) ? default : Below(written, given, isWritten: false, stamps), stamps, out tried, waits, skip);

    /// <summary>As <see cref="Commit(Claim, in NewEntry{TKey, Kept{TValue}}, Lifetime?)"/>, for what was found in a tier: those that lack it are to have it too.</summary>
    internal bool CommitFound(Claim claim, in NewEntry<TKey, Kept<TValue>> written, TierFind<TValue> find, TierStamp?[]? stamps, Skip skip) =>
        Commit(claim, written, find.Lacking == 0 || skip.HasFlag(Skip.TierWrite) ? default : Above(written, find, stamps), stamps, out _, waits: false, skip);

    /// <summary>Stores what was found of old in a tier, to fall back on, unless it was superseded or may not be kept.</summary>
    internal void CommitFallback(Claim claim, in NewEntry<TKey, Kept<TValue>> old, TierStamp?[]? stamps)
    {
        if (loads.Coherent?.Keeps(stamps) == false) loads.Core.ShardOf(old.Hash).Abandon(claim, old.Key);
        else loads.Core.Commit(claim, old);
    }

    /// <summary>Removes the key, and what is being loaded for it is not kept.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="cause">Why.</param>
    /// <param name="wasServed">Whether there was a value to serve in memory.</param>
    /// <param name="everywhere">Whether it goes from tiers that other processes use too; they have changed those themselves, if it is they who invalidate.</param>
    /// <param name="skip">What is left as it is.</param>
    /// <returns>Ends when the tiers have tried.</returns>
    internal Task Remove(TKey key, int hash, RemovalCause cause, out bool wasServed, bool everywhere = true, Skip skip = Skip.None)
    {
        bool inMemory = !skip.HasFlag(Skip.MemoryWrite);
        if (tiers is null || skip.HasFlag(Skip.TierWrite))
        {
            wasServed = inMemory && RemoveMemory(key, hash, cause);
            return everywhere ? Told(Task.CompletedTask, key, isWrite: false, skip) : Task.CompletedTask;
        }

        var below = tiers.Remove(key, onlyOwn: !everywhere);
        Task tried;
        lock (OrderOf(hash))
        {
            tried = below.Begin(loads.Time, waits: true);
            wasServed = inMemory && RemoveMemory(key, hash, cause);
        }

        return everywhere ? Told(tried, key, isWrite: false, skip) : tried;
    }

    /// <summary>A load has come to nothing, and what is there goes too: if <paramref name="seen"/> is given, only if it is still that.</summary>
    internal void AbandonAndDrop(Claim claim, TKey key, int hash, Entry<TKey, Kept<TValue>>? seen, RemovalCause cause)
    {
        loads.Offers.TouchRemoved(hash);
        if (tiers is null)
        {
            loads.Core.ShardOf(hash).AbandonAndDrop(claim, key, hash, seen, cause, loads.Core.Now);
            return;
        }

        var below = tiers.Remove(key, onlyOwn: false);
        lock (OrderOf(hash))
        {
            if (loads.Core.ShardOf(hash).AbandonAndDrop(claim, key, hash, seen, cause, loads.Core.Now)) _ = below.Begin(loads.Time, waits: false);
        }
    }

    /// <summary>Whatever bears the tag is removed, loads under way included.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="everywhere">Whether tiers that other processes use too are told; they have been, if it is those who remove it.</param>
    /// <returns>Ends when the tiers have tried.</returns>
    internal Task RemoveTag(string tag, bool everywhere = true)
    {
        // First here: what is written from now on with the new stamps is from after this.
        loads.Tags.Add(tag);
        var changes = new TierChanges(tiers?.Tiers.Count ?? 0);
        foreach (var tier in tiers?.Tiers.Reverse() ?? [])
        {
            if (everywhere || !tier.Tier.IsShared) changes.Add(tier, tier.Stamps!.Replace(tag));
            else tier.Stamps!.Forget(tag);
        }

        var tried = changes.Begin(loads.Time, waits: true);
        return everywhere && loads.Coherent is { } coherent ? Both(tried, coherent, tag) : tried;

        static async Task Both(Task tried, Coherent<TKey, TValue> coherent, string tag)
        {
            await tried.ConfigureAwait(false);
            await coherent.TellTagAsync(tag).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets everything. Ends when the tiers have tried.</summary>
    /// <param name="cause">Why.</param>
    /// <param name="onlyOwn">Whether tiers that other processes use too are left alone.</param>
    internal Task Clear(RemovalCause cause, bool onlyOwn)
    {
        var cleared = ClearHere(cause, onlyOwn);
        return onlyOwn || loads.Coherent is not { } coherent ? cleared : Both(cleared, coherent);

        static async Task Both(Task cleared, Coherent<TKey, TValue> coherent)
        {
            await cleared.ConfigureAwait(false);
            await coherent.TellClearedAsync().ConfigureAwait(false);
        }
    }

    private Task ClearHere(RemovalCause cause, bool onlyOwn)
    {
        foreach (var order in _order) order.Enter();
        try
        {
            var cleared = tiers?.Tiers.Where(tier => !onlyOwn || !tier.Tier.IsShared).Select(static tier => tier.Writer.Clear()).ToArray() ?? [];
            loads.Offers.TouchAll();
            loads.Failures.Clear();
            loads.Core.Shards.Clear(cause, loads.Core.Now);
            return Task.WhenAll(cleared);
        }
        finally
        {
            foreach (var order in _order) order.Exit();
        }
    }

    // The tiers first: what others are told to forget they must not find there.
    private Task Told(Task tried, TKey key, bool isWrite, Skip skip)
    {
        return skip.HasFlag(Skip.Others) || loads.Coherent is not { } coherent ? tried : Both(tried, coherent, key, isWrite);

        static async Task Both(Task tried, Coherent<TKey, TValue> coherent, TKey key, bool isWrite)
        {
            await tried.ConfigureAwait(false);
            await coherent.TellAsync(key, isWrite).ConfigureAwait(false);
        }
    }

    private bool Commit(Claim claim, in NewEntry<TKey, Kept<TValue>> written, in TierChanges below, TierStamp?[]? stamps, out Task tried, bool waits, Skip skip)
    {
        tried = Task.CompletedTask;
        loads.Offers.TouchWritten(written.Hash);
        if (loads.Coherent?.Keeps(stamps) == false || loads.Tags.Reaches(written.Value.Tags, written.Value.JudgedAt))
        {
            loads.Core.ShardOf(written.Hash).Abandon(claim, written.Key);
            below.Discard();
            return false;
        }

        bool inMemory = !skip.HasFlag(Skip.MemoryWrite);
        if (tiers is null) return inMemory ? loads.Core.Commit(claim, written) : loads.Core.ShardOf(written.Hash).Retire(claim, written.Key);
        bool isStored;
        lock (OrderOf(written.Hash))
        {
            isStored = inMemory ? loads.Core.Commit(claim, written) : loads.Core.ShardOf(written.Hash).Retire(claim, written.Key);
            if (isStored) tried = below.Begin(loads.Time, waits);
        }

        if (!isStored) below.Discard();
        return isStored;
    }

    // Past memory is not without it: an older value there is not served any more.
    private void WriteMemory(in NewEntry<TKey, Kept<TValue>> written, Skip skip)
    {
        if (skip.HasFlag(Skip.MemoryWrite) || loads.Coherent is { KeepsUnread: false })
        {
            RemoveMemory(written.Key, written.Hash, RemovalCause.Invalidated);
            return;
        }

        loads.Offers.TouchWritten(written.Hash);
        loads.Core.Set(written);
        loads.Failures.Forget(written.Key);

        // The link may have been lost in between, and everything cleared.
        if (loads.Coherent is { IsTrusted: false }) RemoveMemory(written.Key, written.Hash, RemovalCause.Invalidated);
    }

    private bool RemoveMemory(TKey key, int hash, RemovalCause cause)
    {
        loads.Offers.TouchRemoved(hash);
        loads.Failures.Forget(key);
        var seen = loads.Reads.Find(key, hash);
        bool isServed = EntryAges.Of(seen, loads.Core.Now) is EntryAge.Fresh or EntryAge.Stale;
        return loads.Core.ShardOf(hash).Remove(key, hash, cause, loads.Core.Now, out _) && isServed;
    }

    // A lifetime given with the value counts everywhere; else each tier may have its own.
    private TierChanges Below(in NewEntry<TKey, Kept<TValue>> written, Lifetime? given, bool isWritten, TierStamp?[]? stamps)
    {
        int levels = tiers!.Tiers.Count;
        Span<TierLife> lives = stackalloc TierLife[levels];
        var inMemory = Lives<TKey, TValue>.LifeOf(written, loads.Core.Now);
        for (int i = 0; i < levels; i++)
            lives[i] = (given ?? tiers.Tiers[i].Options.Lifetime) is { } own ? Lives<TKey, TValue>.LifeOf(own, isAbsent: written.IsAbsent) : inMemory;
        return tiers.Write(written.Key, written.IsAbsent, written.Value.Value, ClaimOf(written, inMemory.Age), lives, levels, isFound: false, isWritten, stamps);
    }

    // No longer than what is left where it was found.
    private TierChanges Above(in NewEntry<TKey, Kept<TValue>> written, TierFind<TValue> find, TierStamp?[]? stamps)
    {
        Span<TierLife> lives = stackalloc TierLife[find.Lacking];
        for (int i = 0; i < lives.Length; i++)
            lives[i] = find.Life.AtMost(tiers!.Tiers[i].Options.Lifetime is { } own ? Lives<TKey, TValue>.LifeOf(own, written.IsAbsent) : find.Life);
        return tiers!.Write(written.Key, written.IsAbsent, find.Value, ClaimOf(written, find.Life.Age), lives, lives.Length, isFound: true, isWritten: false, stamps);
    }

    private TagClaim ClaimOf(in NewEntry<TKey, Kept<TValue>> written, long age) => written.Value.Tags is { Count: > 0 } tags
        ? new(tags, written.Value.JudgedAt, loads.Time.GetUtcNow().UtcTicks - age - written.Value.LoadTime.Ticks)
        : default;

    private Lock OrderOf(int hash) => _order[hash & (_order.Length - 1)];
}
