namespace Larder.Memory;

/// <summary>What left one shard, or was written over there: counted by cause, and told to whoever wants to know. Guarded by the shard's lock.</summary>
internal sealed class Departures<TKey, TValue>(IDepartureWatch<TKey, TValue>? told) where TKey : notnull
{
    private readonly long[] _counts = new long[CacheStatistics.RemovalCounts];

    internal void Count(RemovalCause cause) => _counts[(int)cause]++;

    internal void Report(Entry<TKey, TValue> entry, RemovalCause cause)
    {
        Count(cause);
        if (told is null) return;
        bool isAbsent = entry.IsAbsent;
        told.Add(new(entry.Key, isAbsent ? default : entry.Value, cause, isAbsent));
    }

    internal void Refuse(in NewEntry<TKey, TValue> written)
    {
        if (!written.IsAbsent) told?.Refuse(written.Value);
    }

    internal void AddTo(ShardTotals totals)
    {
        for (int i = 0; i < _counts.Length; i++) totals.Removals[i] += _counts[i];
    }
}
