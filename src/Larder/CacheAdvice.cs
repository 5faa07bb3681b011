using System.Globalization;

namespace Larder;

/// <summary>The share of reads that a cache of this capacity would serve.</summary>
/// <param name="Capacity">In the units of the cache's capacity.</param>
/// <param name="HitRatio">Between 0 and 1.</param>
public readonly record struct CapacityEstimate(long Capacity, double HitRatio);

/// <summary>The share of reads that the cache would serve under this policy, at the capacity it has.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="HitRatio">Between 0 and 1.</param>
public readonly record struct PolicyEstimate(string Policy, double HitRatio);

/// <summary>What a sample of the reads of late says of a cache: how often it would hit with more or less capacity, and under other policies.</summary>
/// <remarks>
/// Estimates are of the reads since the sample began, those of the last hundred thousand or so in the sample counting most. They leave out what a cache cannot
/// know: how long an entry that was evicted would have lived, and what more hits would do to what is asked for.
/// </remarks>
/// <example><code>
/// if (users.Advice is { HasEnough: true } advice)
///     Console.WriteLine($"{advice.ExpectedHitRatio:P1} now, {advice.GainAt(2):+0.0;−0.0} points with twice the capacity; best is {advice.Policies[0].Policy}");
/// </code></example>
public sealed record CacheAdvice
{
    // A policy that gains less is not worth a change: estimates of a sample differ by chance.
    private const double LeastGain = 0.5;

    private const double MostDeviation = 3;

    /// <summary>How many uses of sampled keys have been looked at since the sample began.</summary>
    public long Samples { get; init; }

    /// <summary>How many are needed before the estimates mean anything.</summary>
    public long SamplesNeeded { get; init; }

    /// <summary>Whether there are as many.</summary>
    public bool HasEnough => Samples >= SamplesNeeded;

    /// <summary>The share of the keys that is in the sample.</summary>
    public double SamplingRate { get; init; }

    /// <summary>The capacity that all is compared with: the cache's own.</summary>
    public long Capacity { get; init; }

    /// <summary>The cache's policy.</summary>
    public string Policy { get; init; } = "";

    /// <summary>The hit ratio that the estimate gives for the cache as it is. How far it is from <see cref="MeasuredHitRatio"/> shows how far to trust the rest.</summary>
    public double ExpectedHitRatio { get; init; }

    /// <summary>The hit ratio that the cache really had meanwhile; null if it was not measured.</summary>
    public double? MeasuredHitRatio { get; init; }

    /// <summary>Whether the estimate for the cache as it is comes within three points of what was measured. If not, nothing here is to be relied on.</summary>
    public bool IsPlausible => MeasuredHitRatio is not { } measured || 100 * Math.Abs(measured - ExpectedHitRatio) <= MostDeviation;

    /// <summary>Under the cache's own policy at a quarter, half, once, twice and four times its capacity, the smallest first; fewer where the cache is too small to tell them apart.</summary>
    public IReadOnlyList<CapacityEstimate> Capacities { get; init; } = [];

    /// <summary>Under LRU, at many capacities up to four times the cache's, the smallest first: where it is flat, capacity is to be had for nothing.</summary>
    public IReadOnlyList<CapacityEstimate> LruCurve { get; init; } = [];

    /// <summary>
    /// Under the cache's own policy and the named ones, at the cache's capacity, the best first. Where not every key is in the sample, without the others of SIEVE, LFU, TinyLFU
    /// and W-TinyLFU, which do not behave in a miniature as they do whole.
    /// </summary>
    public IReadOnlyList<PolicyEstimate> Policies { get; init; } = [];

    /// <summary>How many points of hit ratio so many times the capacity would gain; negative for a loss, null where there is no estimate. Known for ¼, ½, 2 and 4.</summary>
    public double? GainAt(double times)
    {
        long capacity = Scaled(Capacity, times);
        foreach (var estimate in Capacities)
            if (estimate.Capacity == capacity) return 100 * (estimate.HitRatio - ExpectedHitRatio);
        return null;
    }

    /// <summary>The policy that would hit more by at least half a point than the cache's own, and more than all others; null for none.</summary>
    public PolicyEstimate? BetterPolicy => Policies.Count > 0 && PointsOver(Policies[0]) >= LeastGain ? Policies[0] : null;

    /// <summary>The same in words: what twice and half the capacity would do, and whether to change the policy.</summary>
    public IReadOnlyList<string> Sentences
    {
        get
        {
            if (!HasEnough) return [string.Create(CultureInfo.InvariantCulture, $"Gathering: {Samples:N0} of {SamplesNeeded:N0} samples.")];
            if (!IsPlausible) return [string.Create(CultureInfo.InvariantCulture, $"Not to be relied on: {100 * ExpectedHitRatio:F1} % of the reads should have hit, {100 * MeasuredHitRatio:F1} % did.")];
            List<string> said = [];
            if (GainAt(2) is { } gain) said.Add($"Twice the capacity: {InPoints(gain)}.");
            if (GainAt(0.5) is { } loss) said.Add($"Half the capacity: {InPoints(loss)}.");
            said.Add(BetterPolicy is { } better ? $"Policy {better.Policy}: {InPoints(PointsOver(better))}." : $"Policy {Policy}: stay, no other gains half a point.");
            return said;
        }
    }

    /// <summary>So many times a capacity, at least 1.</summary>
    internal static long Scaled(long capacity, double times) => (long)Math.Clamp(capacity * times + 0.5, 1, long.MaxValue / 2);

    private double PointsOver(PolicyEstimate other) => 100 * (other.HitRatio - ExpectedHitRatio);

    private static string InPoints(double points) => string.Create(CultureInfo.InvariantCulture, $"{points:+0.0;−0.0;±0.0} points");
}
