using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Larder.AspNetCore.Health;

/// <summary>Looks at every cache of the process. A cache never makes an application unhealthy: it serves, if more slowly.</summary>
internal sealed class LarderHealthCheck(LarderHealthOptions options) : IHealthCheck
{
    private readonly ConcurrentDictionary<string, LoadingStatistics> _before = new();

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> worries = [];
        foreach (var cache in CacheMeters.Alive())
        {
            string[] found = [.. WorriesOf(cache)];
            if (found.Length > 0) worries[cache.MeterName] = string.Join(' ', found);
        }

        return Task.FromResult(worries.Count == 0
            ? HealthCheckResult.Healthy("All caches are well.")
            : new HealthCheckResult(context.Registration.FailureStatus, string.Join(' ', worries.Select(static worry => $"{worry.Key}: {worry.Value}")), data: worries));
    }

    private IEnumerable<string> WorriesOf(IMeteredCache cache)
    {
        if (cache.Breaker is BreakerState.Open or BreakerState.Isolated) yield return $"The source's breaker is {cache.Breaker}.";
        foreach (var tier in cache.TierStatistics)
        {
            if (tier.Breaker != BreakerState.Closed) yield return $"The breaker of tier '{tier.Name}' is {tier.Breaker}.";
            if (tier.MustBeCleared) yield return $"Tier '{tier.Name}' must be cleared before it is read.";
        }

        if (cache.Coherence is { IsLinked: false }) yield return "What other processes change is not heard.";
        if (cache.Writing is { } writing && writing.Lag > options.MostWriteLag) yield return $"A write has waited for {writing.Lag}.";
        var now = cache.Statistics;
        var since = now - _before.GetValueOrDefault(cache.MeterName, new());
        long reads = since.Hits + since.StaleHits + since.AbsentHits + since.Misses + since.ExpiredReads;
        if (reads < options.LeastReads) yield break;
        _before[cache.MeterName] = now;
        if (since.HitRatio < options.HitRatioFloor) yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The hit ratio of the last {reads} reads is {since.HitRatio:P1}.");
    }
}
