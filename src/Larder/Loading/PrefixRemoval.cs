using Larder.Tiers;

namespace Larder.Loading;

/// <summary>Removes what begins alike: from memory those keys alone, and what is being loaded for them is not kept.</summary>
/// <remarks>
/// Memory is looked through, which takes the longer the more it has (about a microsecond an entry), and on the thread that asks for it or hears of it: were it done behind, reads in between would have to
/// compare their keys with every prefix that is still at work, and hits have no time for that. Tiers may have keys that memory does not, and loads of other processes may bring them more: they are cleared.
/// </remarks>
internal sealed class PrefixRemoval<TKey, TValue>(Loads<TKey, TValue> loads) where TKey : notnull
{
    /// <summary>Another process has removed all that begins so, as tiers see it. Those that are shared it has changed itself.</summary>
    internal void Hear(TierKey prefix, TierKeys<TKey> keys) => _ = Remove(key => Begins(key, prefix, keys), everywhere: false);

    /// <summary>Removes these keys.</summary>
    /// <param name="begins">Whether a key is one of them.</param>
    /// <param name="everywhere">Whether tiers that other processes use too are cleared.</param>
    /// <returns>Ends when the tiers have tried.</returns>
    internal Task Remove(Predicate<TKey> begins, bool everywhere)
    {
        // First of all: one that ends from here on is written below before the tiers are cleared, or it is removed there by its key.
        var claimed = loads.Core.Shards.ClaimedKeys();

        // Below first: whoever finds memory without the entry must not find an older one there.
        var cleared = (loads.Tiers?.Tiers ?? []).Where(tier => everywhere || !tier.Tier.IsShared).Select(static tier => tier.Writer.Clear()).ToArray();
        loads.Offers.TouchAll();
        loads.Failures.Clear();

        // Loads before entries: one that ends in between has become an entry.
        foreach (var key in claimed)
            if (begins(key)) Remove(key, loads.Core.HashOf(key), everywhere);
        foreach (var entry in loads.Core.Shards.Entries())
            if (begins(entry.Key)) Remove(entry.Key, entry.Hash, everywhere);
        return Task.WhenAll(cleared);
    }

    private void Remove(TKey key, int hash, bool everywhere) => _ = loads.Changes.Remove(key, hash, RemovalCause.Invalidated, out _, everywhere, Skip.Others);

    // In any version that others may have it under. What cannot be named goes too.
    private static bool Begins(TKey key, TierKey prefix, TierKeys<TKey> keys)
    {
        try
        {
            for (int ago = 0; ago < keys.Names; ago++)
                if (!keys.TryName(key, ago, out var name) || name.Bytes.Span.StartsWith(prefix.Bytes.Span)) return true;
            return false;
        }
        catch (Exception)
        {
            return true;
        }
    }
}
