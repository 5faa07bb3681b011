namespace Larder.AspNetCore.Dashboard;

/// <summary>Watches one cache: what it did of late, and how old its entries are. One caller at a time.</summary>
internal sealed class CacheWatch(ICacheView view, TimeProvider time)
{
    private const int WindowSeconds = 10;

    // To count the ages takes at most this share of the time, however many entries there are.
    private const int AgesShare = 50;

    private readonly Queue<(long At, LoadingStatistics Done)> _window = new();
    private AgeCounts _ages;
    private long _agesAt;
    private TimeSpan _agesTook;

    internal CacheFigures Read()
    {
        long now = time.GetTimestamp();
        var done = view.Statistics;
        var breaker = view.Breaker;
        return new()
        {
            Name = view.Name,
            KeyType = view.KeyType,
            ValueType = view.ValueType,
            ReadsKeys = view.ReadsKeys,
            CanRefresh = view.CanRefresh,
            Loads = view.CanRefresh || done.Loads + done.LoadFailures > 0,
            Capacity = view.Capacity,
            Weight = view.Weight,
            InFlight = view.LoadsInFlight,
            Ages = Ages(now),
            Total = Counts.Of(done),
            Recent = Since(now, done),
            Breaker = breaker is null ? null : new(breaker.State, breaker.State == BreakerState.Open ? breaker.RetryAfter.TotalSeconds : null),
            Tiers = [.. view.Tiers.Select(TierFigures.Of)],
            Coherence = view.Coherence,
            Writing = view.Writing,
            Advice = view.Advice,
        };
    }

    private AgeCounts Ages(long now)
    {
        if (_agesAt != 0 && time.GetElapsedTime(_agesAt, now) < _agesTook * AgesShare) return _ages;
        _ages = view.CountAges();
        _agesTook = time.GetElapsedTime(now);
        _agesAt = now;
        return _ages;
    }

    private Recent Since(long now, LoadingStatistics done)
    {
        while (_window.Count > 1 && time.GetElapsedTime(_window.Peek().At, now).TotalSeconds > WindowSeconds) _window.Dequeue();
        // Somebody has begun the statistics anew: what came before says nothing of what came since.
        if (_window.TryPeek(out var first) && done.Hits < first.Done.Hits) _window.Clear();
        var (at, before) = _window.TryPeek(out first) ? first : (now, done);
        _window.Enqueue((now, done));
        double seconds = time.GetElapsedTime(at, now).TotalSeconds;
        if (seconds <= 0) return new();
        var recent = done - before;
        long reads = recent.Hits + recent.StaleHits + recent.AbsentHits + recent.Misses + recent.ExpiredReads;
        bool hasLoaded = recent.LoadLatencies.Count > 0;
        return new()
        {
            HitRatio = reads > 0 ? recent.HitRatio : null,
            Hits = recent.Hits / seconds,
            Stale = recent.StaleHits / seconds,
            Absent = recent.AbsentHits / seconds,
            Misses = recent.Misses / seconds,
            Expired = recent.ExpiredReads / seconds,
            Fallbacks = recent.Fallbacks / seconds,
            Loads = recent.Loads / seconds,
            Failures = recent.LoadFailures / seconds,
            Evictions = recent.Evictions / seconds,
            P50 = hasLoaded ? recent.LoadLatencies.Quantile(0.5).TotalSeconds : null,
            P99 = hasLoaded ? recent.LoadLatencies.Quantile(0.99).TotalSeconds : null,
        };
    }
}
