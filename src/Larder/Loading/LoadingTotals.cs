using Larder.Memory;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>Gathers what a loading cache has counted, since it was built or the counting began anew.</summary>
internal sealed class LoadingTotals<TKey, TValue>(MemoryCore<TKey, Kept<TValue>> core, LoadCounters loads, TagRemovals tags) where TKey : notnull
{
    private readonly Lock _gate = new();
    private LoadingStatistics _before = new(); // Guarded by _gate.

    internal LoadingStatistics Read()
    {
        lock (_gate) return Sum() - _before;
    }

    internal void Reset()
    {
        lock (_gate) _before = Sum();
    }

    private LoadingStatistics Sum()
    {
        var totals = core.Shards.Totals();
        var reads = core.Reads.Read();
        return new()
        {
            Hits = reads.Hits,
            StaleHits = reads.StaleHits,
            AbsentHits = reads.AbsentHits,
            Misses = reads.Misses,
            ExpiredReads = reads.Expired,
            Fallbacks = Volatile.Read(ref loads.Fallbacks),
            Joins = Volatile.Read(ref loads.Joins),
            Sets = totals.Sets,
            Refused = totals.Refused,
            Removals = [.. totals.Removals],
            TagRemovals = tags.Count,
            Loads = Volatile.Read(ref loads.Loads),
            LoadFailures = Volatile.Read(ref loads.Failures),
            LoadTimeouts = Volatile.Read(ref loads.Timeouts),
            LoadsCancelled = Volatile.Read(ref loads.Cancelled),
            LoadsRefused = Volatile.Read(ref loads.Refused),
            LoadsSuperseded = Volatile.Read(ref loads.Superseded),
            BatchLoads = Volatile.Read(ref loads.Batches),
            LoadTime = TimeSpan.FromTicks(Volatile.Read(ref loads.Ticks)),
            LoadLatencies = loads.Latencies.Read(),
            RefreshesStarted = Volatile.Read(ref loads.RefreshesStarted),
            RefreshFailures = Volatile.Read(ref loads.RefreshFailures),
            RefreshesRefused = Volatile.Read(ref loads.RefreshesRefused),
        };
    }
}
