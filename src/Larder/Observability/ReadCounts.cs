namespace Larder.Observability;

/// <summary>Reads, by what they met.</summary>
internal readonly record struct ReadCounts(long Hits, long Misses, long AbsentHits, long StaleHits, long Expired)
{
    /// <summary>Those that were served what they met.</summary>
    internal long Served => Hits + AbsentHits + StaleHits;

    internal long Total => Served + Misses + Expired;
}
