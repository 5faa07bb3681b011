using Larder.Tiers;

namespace Larder.Loading;

/// <summary>Removes what another process has removed by the beginning of its keys: from memory those alone, and what is being loaded for them is not kept.</summary>
/// <remarks>
/// Memory is looked through, which takes the longer the more it has (about a microsecond an entry), and on the thread that hears of it: were it done behind, reads in between would have to compare
/// their keys, as bytes, with every prefix that is still at work, and hits have no time for that. Tiers that are this process's alone may have keys that memory does not: they are cleared.
/// </remarks>
internal sealed class PrefixRemoval<TKey, TValue>(Loads<TKey, TValue> loads, TierKeys<TKey> keys) where TKey : notnull
{
    /// <summary>Removes all that begins so, as tiers see it.</summary>
    internal void Remove(TierKey prefix)
    {
        // Below first: whoever finds memory without the entry must not find an older one there.
        foreach (var tier in loads.Tiers?.Tiers ?? [])
            if (!tier.Tier.IsShared) _ = tier.Writer.Clear();
        loads.Offers.TouchAll();
        loads.Failures.Clear();

        // Loads before entries: one that ends in between has become an entry.
        foreach (var key in loads.Core.Shards.ClaimedKeys())
            if (Begins(key, prefix)) Remove(key, loads.Core.HashOf(key));
        foreach (var entry in loads.Core.Shards.Entries())
            if (Begins(entry.Key, prefix)) Remove(entry.Key, entry.Hash);
    }

    private void Remove(TKey key, int hash) => _ = loads.Changes.Remove(key, hash, RemovalCause.Invalidated, out _, everywhere: false);

    // In any version that others may have it under. What cannot be named goes too.
    private bool Begins(TKey key, TierKey prefix)
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
