using System.Globalization;

namespace Larder.AspNetCore.Health;

/// <summary>Judges the hit ratio of one cache over stretches of enough reads. A judgement holds until the next.</summary>
/// <remarks>The first stretch, and one in which the cache was cleared, is not judged: an empty cache must miss.</remarks>
internal sealed class HitRatioWatch
{
    private readonly Lock _gate = new();
    private LoadingStatistics? _before; // Guarded by _gate. Null until the first stretch is over.
    private string? _worry; // Guarded by _gate.

    internal string? Judge(LoadingStatistics now, LarderHealthOptions options)
    {
        lock (_gate)
        {
            var since = _before is null ? now : now - _before;
            long reads = since.Hits + since.StaleHits + since.AbsentHits + since.Misses + since.ExpiredReads;
            if (reads < 0) (_before, _worry) = (null, null); // Its figures were reset.
            if (reads < options.LeastReads) return _worry;
            bool isCold = _before is null || since.RemovalsBy(RemovalCause.Cleared) > 0;
            _before = now;
            return _worry = isCold || since.HitRatio >= options.HitRatioFloor ? null : string.Create(CultureInfo.InvariantCulture, $"The hit ratio of {reads} reads is {since.HitRatio:P1}.");
        }
    }
}
