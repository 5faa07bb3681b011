namespace Larder.Tiers;

/// <summary>What is counted of one tier. All are changed with Interlocked.</summary>
internal sealed class TierCounters
{
    internal long Hits, Misses, Unreadable, Migrated, Failures, Bypassed, Writes, Removals, PassedBy, Overflows, Overtaken, Reads, ReadTicks;

    internal static void Add(ref long counter, long by = 1)
    {
        if (by != 0) Interlocked.Add(ref counter, by);
    }
}
