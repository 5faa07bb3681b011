namespace Larder.Memory;

/// <summary>What the shards have counted, added up.</summary>
internal sealed class ShardTotals
{
    internal long Entries;
    internal long Sets;
    internal long Refused;
    internal readonly long[] Removals = new long[CacheStatistics.RemovalCounts];
}
