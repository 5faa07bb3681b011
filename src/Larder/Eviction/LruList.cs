namespace Larder.Eviction;

/// <summary>What the policies that record order have in common.</summary>
internal static class LruList
{
    /// <summary>
    /// The oldest entry, after moving to the newest end those whose use was not reported because the buffer was full. One
    /// lap at the most: readers may go on using entries, and must not keep us here.
    /// </summary>
    internal static EvictionNode OldestUnused(this EntryList list)
    {
        for (int moved = 0; moved < list.Count && list.Oldest!.TakeUses() > 0; moved++) list.MoveToNewest(list.Oldest!);
        return list.Oldest!;
    }

    /// <summary>How many entries a share of the capacity stands for, by the weight of those that are held.</summary>
    internal static long InEntries(long capacity, long count, long weight) => weight <= count ? capacity : capacity * count / weight;
}
