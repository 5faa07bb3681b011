namespace Larder;

/// <summary>What concerns a cache's link to those of other processes.</summary>
/// <example><code>
/// if (!users.CoherenceStatistics.IsLinked) logger.LogWarning("What others change is not heard.");
/// </code></example>
public static class LoadingCacheCoherence
{
    extension<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>How it goes with the link; all zero for a cache that has no channel.</summary>
        public CoherenceStatistics CoherenceStatistics => cache.Loads.Coherent?.Statistics ?? new();
    }
}
