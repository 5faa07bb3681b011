namespace Larder;

/// <summary>How many entries of a cache are of each age.</summary>
/// <param name="Fresh">Values that are served.</param>
/// <param name="Stale">Values that are served, and refreshed behind the reader's back.</param>
/// <param name="Expired">Values kept as fallbacks only.</param>
/// <param name="Absent">Remembered absences.</param>
public readonly record struct AgeCounts(int Fresh, int Stale, int Expired, int Absent)
{
    /// <summary>How many there are.</summary>
    public int Total => Fresh + Stale + Expired + Absent;
}
