namespace Larder.Cli.Replay;

/// <summary>What one replay measured. The time is that of the requests alone: no file is read and no table made in it.</summary>
internal sealed record ReplayResult(string Trace, string Policy, long Capacity, long Requests, long Hits, TimeSpan Elapsed)
{
    public long Misses => Requests - Hits;

    /// <summary>Between 0 and 1.</summary>
    public double HitRatio => (double)Hits / Requests;

    public double RequestsPerSecond => Requests / Math.Max(Elapsed.TotalSeconds, 1e-7);
}
