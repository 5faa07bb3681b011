namespace Larder.Observability;

/// <summary>Reads, by what they met.</summary>
internal readonly record struct ReadCounts(long Hits, long Misses, long AbsentHits, long StaleHits, long Expired);
