using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Larder;

/// <summary>A cache as the meter reads it.</summary>
internal interface IMeteredCache
{
    string MeterName { get; }

    LoadingStatistics Statistics { get; }

    long Capacity { get; }

    long Weight { get; }

    BreakerState? Breaker { get; }

    IReadOnlyList<TierStatistics> TierStatistics { get; }

    WritingStatistics? Writing { get; }

    CoherenceStatistics? Coherence { get; }
}

/// <summary>
/// The meter of all caches. Everything is read from what they count anyway, when somebody collects: so a hit costs nothing more. Caches are held weakly; those of one name are
/// told apart by nothing, and a collector sums them or takes the last, as it does.
/// </summary>
internal static class CacheMeters
{
    private static readonly ConcurrentDictionary<WeakReference<IMeteredCache>, bool> _caches = new();
    private static readonly Meter _meter = new(new MeterOptions(LarderTelemetry.MeterName));

    static CacheMeters()
    {
        Count("larder.cache.requests", "{request}", "Reads, by what they met.", LarderTelemetry.StatusAttribute, static cache => cache.Statistics is var done
            ? [("hit", done.Hits), ("stale", done.StaleHits), ("absent", done.AbsentHits), ("miss", done.Misses), ("expired", done.ExpiredReads)] : []);
        Count("larder.cache.served_late", "{request}", "Reads that waited for another's load, or were served a fallback.", LarderTelemetry.StatusAttribute,
            static cache => cache.Statistics is var done ? [("joined", done.Joins), ("fallback", done.Fallbacks)] : []);
        Count("larder.cache.loads", "{load}", "Loads, by how they ended.", LarderTelemetry.StatusAttribute, static cache => cache.Statistics is var done
            ? [("success", done.Loads), ("failure", done.LoadFailures - done.LoadTimeouts), ("timeout", done.LoadTimeouts), ("cancelled", done.LoadsCancelled), ("refused", done.LoadsRefused), ("superseded", done.LoadsSuperseded)] : []);
        Count("larder.cache.refreshes", "{refresh}", "Refreshes in the background.", LarderTelemetry.StatusAttribute,
            static cache => cache.Statistics is var done ? [("started", done.RefreshesStarted), ("failed", done.RefreshFailures), ("refused", done.RefreshesRefused)] : []);
        Count("larder.cache.removals", "{entry}", "Entries that left, by cause.", LarderTelemetry.CauseAttribute,
            static cache => [.. Enum.GetValues<RemovalCause>().Zip(cache.Statistics.Removals, static (cause, count) => (cause.ToString().ToLowerInvariant(), count))]);
        Count("larder.cache.tag_removals", "{removal}", "Removals by tag, each of however many entries.", LarderTelemetry.StatusAttribute, static cache => [("removed", cache.Statistics.TagRemovals)]);
        Gauge("larder.cache.capacity", "{entry}", "What the cache may hold, in entries or in weight.", static cache => cache.Capacity);
        Gauge("larder.cache.size", "{entry}", "What it holds, in the units of the capacity.", static cache => cache.Weight);
        Gauge("larder.cache.breaker.state", "{state}", "The source's breaker: 0 closed, 1 open, 2 half-open, 3 isolated.", static cache => (long?)cache.Breaker);
        Gauge("larder.writes.waiting", "{write}", "Writes that the source does not have yet.", static cache => cache.Writing?.Waiting);
        _meter.CreateObservableGauge(
            "larder.writes.lag",
            static () => from cache in Alive() let writing = cache.Writing where writing is not null select new Measurement<double>(writing.Lag.TotalSeconds, new KeyValuePair<string, object?>(LarderTelemetry.CacheAttribute, cache.MeterName)),
            "s", "How long the oldest of them has waited.");
        Count("larder.writes.ended", "{write}", "Writes, by how they ended.", LarderTelemetry.StatusAttribute,
            static cache => cache.Writing is { } done ? [("written", done.Written), ("coalesced", done.Coalesced), ("failed_attempt", done.Failures), ("dead_letter", done.DeadLetters), ("refused", done.Refused)] : []);
        Count("larder.invalidations", "{invalidation}", "Invalidations, by direction.", LarderTelemetry.StatusAttribute,
            static cache => cache.Coherence is { } done ? [("heard", done.Heard), ("told", done.Told)] : []);
        Gauge("larder.link.up", "{link}", "Whether what other processes change is heard.", static cache => cache.Coherence is { } link ? link.IsLinked ? 1 : 0 : null);
        Tiers("larder.tier.requests", static tier => [("hit", tier.Hits), ("miss", tier.Misses), ("unreadable", tier.Unreadable), ("bypassed", tier.Bypassed)]);
        Tiers("larder.tier.operations", static tier => [("read", tier.Reads), ("write", tier.Writes), ("removal", tier.Removals), ("failure", tier.Failures), ("overflow", tier.Overflows), ("passed_by", tier.PassedBy)]);
        TierGauge("larder.tier.waiting", "{change}", "Changes that the tier does not have yet.", static tier => tier.Waiting);
        TierGauge("larder.tier.breaker.state", "{state}", "The tier's breaker: 0 closed, 1 open, 2 half-open, 3 isolated.", static tier => (long)tier.Breaker);
    }

    /// <summary>Has the cache measured until it is taken out, or collected.</summary>
    internal static WeakReference<IMeteredCache> Add(IMeteredCache cache)
    {
        var reference = new WeakReference<IMeteredCache>(cache);
        _caches[reference] = true;
        return reference;
    }

    internal static void Remove(WeakReference<IMeteredCache> cache) => _caches.TryRemove(cache, out _);

    internal static IEnumerable<IMeteredCache> Alive()
    {
        foreach (var reference in _caches.Keys)
        {
            if (reference.TryGetTarget(out var cache)) yield return cache;
            else Remove(reference);
        }
    }

    private static void Count(string name, string unit, string description, string attribute, Func<IMeteredCache, IEnumerable<(string, long)>> read) =>
        _meter.CreateObservableCounter(name, () => from cache in Alive() from part in read(cache) select Measure(part.Item2, cache, (attribute, part.Item1)), unit, description);

    private static void Gauge(string name, string unit, string description, Func<IMeteredCache, long?> read) =>
        _meter.CreateObservableGauge(name, () => from cache in Alive() let value = read(cache) where value is not null select Measure(value.Value, cache), unit, description);

    private static void Tiers(string name, Func<TierStatistics, IEnumerable<(string, long)>> read) =>
        _meter.CreateObservableCounter(
            name,
            () => from cache in Alive() from tier in cache.TierStatistics from part in read(tier) select Measure(part.Item2, cache, (LarderTelemetry.TierAttribute, tier.Name), (LarderTelemetry.StatusAttribute, part.Item1)),
            "{operation}", "What a tier was asked, and what came of it.");

    private static void TierGauge(string name, string unit, string description, Func<TierStatistics, long> read) =>
        _meter.CreateObservableGauge(name, () => from cache in Alive() from tier in cache.TierStatistics select Measure(read(tier), cache, (LarderTelemetry.TierAttribute, tier.Name)), unit, description);

    private static Measurement<long> Measure(long value, IMeteredCache cache, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        var all = new KeyValuePair<string, object?>[attributes.Length + 1];
        all[0] = new(LarderTelemetry.CacheAttribute, cache.MeterName);
        for (int i = 0; i < attributes.Length; i++) all[i + 1] = new(attributes[i].Name, attributes[i].Value);
        return new(value, all);
    }
}
