using Larder.Tiers;

namespace Larder;

/// <summary>What rids a cache's tiers of the entries of other schema versions.</summary>
public static class LoadingCacheSweeping
{
    /// <summary>With what the keys of one schema version of a cache begin in its tiers: for sweeping a tier without the cache.</summary>
    public static TierKey PrefixOf(string cacheName, int schemaVersion)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(cacheName);
        ArgumentOutOfRangeException.ThrowIfNegative(schemaVersion);
        return TierKeyNames.PrefixOf(cacheName, schemaVersion);
    }

    extension<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>
        /// Removes from the tiers what earlier schema versions have written and no migration reads, in steps that leave the tiers usable
        /// meanwhile. A tier that cannot go through its keys is left as it is: there, entries end with their time.
        /// </summary>
        /// <param name="includesMigratable">Whether entries that a migration would read go too.</param>
        /// <param name="cancellationToken">Ends it early.</param>
        /// <returns>How many entries were removed.</returns>
        /// <example><code>long removed = await users.SweepVersionsAsync(cancellationToken: stopping);      // some time after a deployment</code></example>
        public async ValueTask<long> SweepVersionsAsync(bool includesMigratable = false, CancellationToken cancellationToken = default)
        {
            cache.Loads.Core.ThrowIfDisposed();
            if (cache.Loads.Tiers is not { } tiers) return 0;
            var payloads = cache.Options.Payloads;
            int first = payloads.SchemaVersion - (includesMigratable ? 0 : payloads.Migrations.Count);
            TierKey[] prefixes = [.. Enumerable.Range(0, first).Select(version => PrefixOf(cache.Options.Name, version))];
            long removed = 0;
            if (prefixes.Length == 0) return removed;
            foreach (var tier in tiers.Tiers)
                if (tier.Tier is IPrefixTier swept) removed += await swept.RemovePrefixesAsync(prefixes, cancellationToken).ConfigureAwait(false);
            return removed;
        }
    }
}
