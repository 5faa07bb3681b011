using Larder.Observability;

namespace Larder.Loading;

/// <summary>What loads have done. Every field is counted by interlocked instructions: a load costs more than that.</summary>
internal sealed class LoadCounters
{
    internal readonly LatencyCounters Latencies = new();
    internal long Fallbacks;
    internal long Joins;
    internal long Loads;
    internal long Failures;
    internal long Timeouts;
    internal long Cancelled;
    internal long Refused;
    internal long Superseded;
    internal long Batches;
    internal long Ticks;
    internal long RefreshesStarted;
    internal long RefreshFailures;
    internal long RefreshesRefused;
}
