using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Larder;

/// <summary>A view of a cache that is measured wherever it is looked at from.</summary>
internal interface IMeasuresItself;

/// <summary>
/// The meter of all caches. Everything is read from what they count anyway, when somebody collects: so a hit costs nothing more. Caches are held weakly; those of one name are
/// told apart by nothing, and a collector sums them or takes the last, as it does.
/// </summary>
internal static class CacheMeters
{
    private static readonly ConcurrentDictionary<WeakReference<ICacheView>, bool> _caches = new();
    private static readonly Meter _meter = new(new MeterOptions(LarderTelemetry.MeterName));

    private static readonly (string, double)[] _advised = [("quarter", 0.25), ("half", 0.5), ("double", 2), ("quadruple", 4)];

    // When so many are listed, those that were collected without being disposed are taken out.
    private static int _sweepAt = 64;

    static CacheMeters()
    {
        AddReads();
        AddState();
        AddAdvice();
        AddWrites();
        AddTiers();
    }

    /// <summary>Has the cache measured until what this returns is disposed, or collected.</summary>
    internal static IDisposable Add(ICacheView cache)
    {
        if (_caches.Count >= Volatile.Read(ref _sweepAt)) Volatile.Write(ref _sweepAt, Math.Max(64, 2 * Alive().Count()));
        var reference = new WeakReference<ICacheView>(cache);
        _caches[reference] = true;
        return new Measured(cache, reference);
    }

    internal static IEnumerable<ICacheView> Alive()
    {
        foreach (var reference in _caches.Keys)
        {
            if (reference.TryGetTarget(out var cache)) yield return cache;
            else _caches.TryRemove(reference, out _);
        }
    }

    private static void AddReads()
    {
        Count("larder.cache.requests", "{request}", "Reads, by what they met.", LarderTelemetry.StatusAttribute, static cache => cache.Statistics is var done
            ? [("hit", done.Hits), ("stale", done.StaleHits), ("absent", done.AbsentHits), ("miss", done.Misses), ("expired", done.ExpiredReads)] : []);
        Count("larder.cache.served_late", "{request}", "Reads that waited for another's load, or were served a fallback.", LarderTelemetry.StatusAttribute,
            static cache => cache.Statistics is var done ? [("joined", done.Joins), ("fallback", done.Fallbacks)] : []);
        Count("larder.cache.loads", "{load}", "Loads, by how they ended.", LarderTelemetry.StatusAttribute, static cache => cache.Statistics is var done
            ? [("success", done.Loads), ("failure", done.LoadFailures - done.LoadTimeouts), ("timeout", done.LoadTimeouts), ("cancelled", done.LoadsCancelled), ("refused", done.LoadsRefused), ("superseded", done.LoadsSuperseded)] : []);
        Gauge("larder.cache.loads.active", "{load}", "Keys for which a load is under way.", static cache => cache.LoadsInFlight);
        Count("larder.cache.refreshes", "{refresh}", "Refreshes in the background.", LarderTelemetry.StatusAttribute,
            static cache => cache.Statistics is var done ? [("started", done.RefreshesStarted), ("failed", done.RefreshFailures), ("refused", done.RefreshesRefused)] : []);
    }

    private static void AddState()
    {
        Count("larder.cache.sets", "{entry}", "Entries that came, and those that were refused because they outweigh the cache.", LarderTelemetry.StatusAttribute,
            static cache => cache.Statistics is var done ? [("kept", done.Sets), ("refused", done.Refused)] : []);
        Count("larder.cache.removals", "{entry}", "Entries that left, by cause.", LarderTelemetry.CauseAttribute,
            static cache => [.. Enum.GetValues<RemovalCause>().Zip(cache.Statistics.Removals, static (cause, count) => (cause.ToString().ToLowerInvariant(), count))]);
        Gauge("larder.cache.entries", "{entry}", "Entries held, of whatever age.", static cache => cache.Count);
        Count("larder.cache.tag_removals", "{removal}", "Removals by tag, each of however many entries.", LarderTelemetry.StatusAttribute, static cache => [("removed", cache.Statistics.TagRemovals)]);
        Gauge("larder.cache.capacity", "{entry}", "What the cache may hold, in entries or in weight.", static cache => cache.Capacity);
        Gauge("larder.cache.size", "{entry}", "What it holds, in the units of the capacity.", static cache => cache.Weight);
        Gauge("larder.cache.breaker.state", "{state}", "The source's breaker: 0 closed, 1 open, 2 half-open, 3 isolated.", static cache => (long?)cache.Breaker?.State);
    }

    // Said only while it is worth hearing: there is enough of a sample, and it agrees with what was measured.
    private static void AddAdvice() => _meter.CreateObservableGauge(
        "larder.cache.advice.gain",
        static () => Each(static cache => cache.Advice is { HasEnough: true, IsPlausible: true } advice
            ? from advised in _advised where advice.GainAt(advised.Item2) is not null select Measure(advice.GainAt(advised.Item2)!.Value / 100, cache, (LarderTelemetry.CapacityAttribute, advised.Item1))
            : []),
        "1", "What another capacity would add to the hit ratio, by the advisor's sample.");

    private static void AddWrites()
    {
        Gauge("larder.writes.waiting", "{write}", "Writes that the source does not have yet.", static cache => cache.Writing?.Waiting);
        _meter.CreateObservableGauge(
            "larder.writes.lag",
            static () => Each<double>(static cache => cache.Writing is { } writing ? [Measure(writing.Lag.TotalSeconds, cache)] : []),
            "s", "How long the oldest of them has waited.");
        Count("larder.writes.ended", "{write}", "Writes, by how they ended.", LarderTelemetry.StatusAttribute,
            static cache => cache.Writing is { } done ? [("written", done.Written), ("coalesced", done.Coalesced), ("failed_attempt", done.Failures), ("dead_letter", done.DeadLetters), ("refused", done.Refused)] : []);
        Count("larder.invalidations", "{invalidation}", "Invalidations, by direction.", LarderTelemetry.StatusAttribute,
            static cache => cache.Coherence is { } done ? [("heard", done.Heard), ("told", done.Told)] : []);
        Gauge("larder.invalidations.waiting", "{invalidation}", "Invalidations that the others have not been told of yet.", static cache => cache.Coherence?.Untold);
        Gauge("larder.link.up", "{link}", "Whether what other processes change is heard.", static cache => cache.Coherence is { } link ? link.IsLinked ? 1 : 0 : null);
        _meter.CreateObservableCounter("larder.link.losses", static () => Each<long>(static cache => cache.Coherence is { } link ? [Measure(link.Losses, cache)] : []), "{loss}", "How often the link was lost.");
    }

    private static void AddTiers()
    {
        Tiers("larder.tier.requests", static tier => [("hit", tier.Hits), ("miss", tier.Misses), ("unreadable", tier.Unreadable), ("bypassed", tier.Bypassed)]);
        Tiers("larder.tier.operations", static tier => [("read", tier.Reads), ("write", tier.Writes), ("removal", tier.Removals), ("failure", tier.Failures), ("overflow", tier.Overflows), ("passed_by", tier.PassedBy)]);
        TierGauge("larder.tier.waiting", "{change}", "Changes that the tier does not have yet.", static tier => tier.Waiting);
        TierGauge("larder.tier.breaker.state", "{state}", "The tier's breaker: 0 closed, 1 open, 2 half-open, 3 isolated.", static tier => (long)tier.Breaker);
    }

    private static void Count(string name, string unit, string description, string attribute, Func<ICacheView, IEnumerable<(string, long)>> read) =>
        _meter.CreateObservableCounter(name, () => Each(cache => from part in read(cache) select Measure(part.Item2, cache, (attribute, part.Item1))), unit, description);

    private static void Gauge(string name, string unit, string description, Func<ICacheView, long?> read) =>
        _meter.CreateObservableGauge(name, () => Each<long>(cache => read(cache) is { } value ? [Measure(value, cache)] : []), unit, description);

    private static void Tiers(string name, Func<TierStatistics, IEnumerable<(string, long)>> read) =>
        _meter.CreateObservableCounter(
            name,
            () => Each(cache => from tier in cache.Tiers from part in read(tier) select Measure(part.Item2, cache, (LarderTelemetry.TierAttribute, tier.Name), (LarderTelemetry.StatusAttribute, part.Item1))),
            "{operation}", "What a tier was asked, and what came of it.");

    private static void TierGauge(string name, string unit, string description, Func<TierStatistics, long> read) =>
        _meter.CreateObservableGauge(name, () => Each(cache => from tier in cache.Tiers select Measure(read(tier), cache, (LarderTelemetry.TierAttribute, tier.Name))), unit, description);

    // A view of the user's own may throw: then it is the only one that is not measured.
    private static List<Measurement<T>> Each<T>(Func<ICacheView, IEnumerable<Measurement<T>>> read) where T : struct
    {
        List<Measurement<T>> all = [];
        foreach (var cache in Alive())
        {
            int before = all.Count;
            try
            {
                all.AddRange(read(cache));
            }
            catch (Exception)
            {
                all.RemoveRange(before, all.Count - before);
            }
        }

        return all;
    }

    private static Measurement<T> Measure<T>(T value, ICacheView cache, params ReadOnlySpan<(string Name, string Value)> attributes) where T : struct
    {
        var all = new KeyValuePair<string, object?>[attributes.Length + 1];
        all[0] = new(LarderTelemetry.CacheAttribute, cache.Name);
        for (int i = 0; i < attributes.Length; i++) all[i + 1] = new(attributes[i].Name, attributes[i].Value);
        return new(value, all);
    }

    // Whoever holds this holds the view, which the meter holds weakly.
    private sealed class Measured(ICacheView cache, WeakReference<ICacheView> reference) : IDisposable
    {
        public void Dispose()
        {
            _caches.TryRemove(reference, out _);
            GC.KeepAlive(cache);
        }
    }
}
