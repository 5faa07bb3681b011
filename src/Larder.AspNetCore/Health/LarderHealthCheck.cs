using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Larder.AspNetCore.Health;

/// <summary>Looks at every cache of the process. A cache never makes an application unhealthy: it serves, if more slowly.</summary>
internal sealed class LarderHealthCheck(LarderHealthOptions options) : IHealthCheck
{
    private readonly ConcurrentDictionary<string, HitRatioWatch> _ratios = new(StringComparer.Ordinal);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Dictionary<string, object> worries = [];
        foreach (var cache in CacheMeters.Alive())
        {
            string[] found = [.. WorriesOf(cache)];
            if (found.Length > 0) worries[cache.Name] = string.Join(' ', found);
        }

        return Task.FromResult(worries.Count == 0
            ? HealthCheckResult.Healthy("All caches are well.")
            : new HealthCheckResult(context.Registration.FailureStatus, string.Join(' ', worries.Select(static worry => $"{worry.Key}: {worry.Value}")), data: worries));
    }

    private IEnumerable<string> WorriesOf(ICacheView cache)
    {
        if (cache.Breaker?.State is BreakerState.Open or BreakerState.Isolated) yield return $"The source's breaker is {cache.Breaker.State}.";
        foreach (var tier in cache.Tiers)
        {
            if (tier.Breaker is BreakerState.Open or BreakerState.Isolated) yield return $"The breaker of tier '{tier.Name}' is {tier.Breaker}.";
            if (tier.MustBeCleared) yield return $"Tier '{tier.Name}' must be cleared before it is read.";
            if (tier.Waiting > options.MostTierWaiting) yield return string.Create(CultureInfo.InvariantCulture, $"{tier.Waiting} changes wait for tier '{tier.Name}'.");
        }

        if (cache.Coherence is { IsLinked: false }) yield return "What other processes change is not heard.";
        if (cache.Writing is { } writing && writing.Lag > options.MostWriteLag) yield return $"A write has waited for {writing.Lag}.";
        if (options.HitRatioFloor > 0 && _ratios.GetOrAdd(cache.Name, static _ => new()).Judge(cache.Statistics, options) is { } low) yield return low;
    }
}
