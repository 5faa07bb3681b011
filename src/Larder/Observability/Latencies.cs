using System.Numerics;

namespace Larder;

/// <summary>How long calls took, as a histogram: to 7 % and better, from a microsecond to two hours. Subtract two for what happened between them.</summary>
/// <example><code>
/// var before = cache.Statistics;
/// await Task.Delay(TimeSpan.FromMinutes(1));
/// var p99 = (cache.Statistics - before).LoadLatencies.Quantile(0.99);      // of the last minute
/// </code></example>
public sealed class Latencies
{
    // Eight buckets for each doubling, up to 2^33 microseconds; below eight microseconds, a bucket for each.
    internal const int BucketCount = (Octaves + 1) << OctaveBits;
    private const int OctaveBits = 3;
    private const int Octaves = 30;
    private const long Longest = (1L << (Octaves + OctaveBits)) - 1;

    private readonly long[] _counts;

    internal Latencies(long[] counts)
    {
        _counts = counts;
        foreach (long count in counts) Count += count;
    }

    /// <summary>Of no calls.</summary>
    public static Latencies None { get; } = new(new long[BucketCount]);

    /// <summary>How many calls.</summary>
    public long Count { get; }

    /// <summary>The time within which this share of the calls ended, 0.5 for the median; zero without calls.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is not from 0 to 1.</exception>
    public TimeSpan Quantile(double share)
    {
        if (share is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share is from 0 to 1.");
        if (Count <= 0) return TimeSpan.Zero;
        long wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        int bucket = 0;
        for (long seen = _counts[0]; seen < wanted && bucket < BucketCount - 1; seen += _counts[bucket]) bucket++;
        return TimeSpan.FromMicroseconds(MiddleOf(bucket));
    }

    /// <summary>What happened between two snapshots.</summary>
    public static Latencies operator -(Latencies later, Latencies earlier)
    {
        ArgumentNullException.ThrowIfNull(later);
        ArgumentNullException.ThrowIfNull(earlier);
        if (earlier.Count == 0) return later;
        long[] between = new long[BucketCount];
        for (int i = 0; i < between.Length; i++) between[i] = later._counts[i] - earlier._counts[i];
        return new(between);
    }

    /// <summary>What happened between two snapshots: the same as the operator.</summary>
    public static Latencies Subtract(Latencies later, Latencies earlier) => later - earlier;

    internal static int BucketOf(TimeSpan time)
    {
        long microseconds = Math.Clamp((long)time.TotalMicroseconds, 0, Longest);
        if (microseconds < 1 << OctaveBits) return (int)microseconds;
        int octave = BitOperations.Log2((ulong)microseconds) - OctaveBits;
        return (octave << OctaveBits) + (int)(microseconds >> octave);
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < 1 << OctaveBits) return bucket + 0.5;
        int octave = (bucket >> OctaveBits) - 1;
        return ((bucket - (octave << OctaveBits)) + 0.5) * (1L << octave);
    }
}
