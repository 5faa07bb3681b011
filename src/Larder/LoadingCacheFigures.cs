namespace Larder;

/// <summary>Figures of a loading cache beside its statistics.</summary>
/// <example><code>
/// foreach (var tier in users.TierStatistics) Console.WriteLine($"{tier.Name}: {tier.Hits} hits, breaker {tier.Breaker}");
/// </code></example>
public static class LoadingCacheFigures
{
    extension<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>What each tier has done, the uppermost first. Since the cache was built.</summary>
        public IReadOnlyList<TierStatistics> TierStatistics => [.. cache.Loads.Tiers?.Tiers.Select(static tier => tier.Statistics) ?? []];

        /// <summary>What another capacity or policy would do, as of a second ago; null without <see cref="CacheOptions{TKey, TValue}.Advice"/>.</summary>
        public CacheAdvice? Advice => cache.Loads.Core.Shards.Advisor?.Advice;

        /// <summary>Loads that were given up and whose loader has not returned.</summary>
        public int AbandonedLoads => cache.Loads.Abandoned;
    }
}
