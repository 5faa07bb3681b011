namespace Larder;

/// <summary>
/// Cuts each lifetime by a random amount, exponentially distributed and bounded. It only shortens: a stated greatest age holds.
/// </summary>
/// <example><code>var lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) with { Jitter = new Jitter { Fraction = 0.1, AtMost = TimeSpan.FromMinutes(1) } };</code></example>
public sealed record Jitter
{
    /// <summary>The mean of the cut before it is bounded, as a fraction of the lifetime: above 0, at most 1. Default: 0.1.</summary>
    public double Fraction { get; init; } = 0.1;

    /// <summary>The largest cut. Above zero; default: null, half of the lifetime.</summary>
    public TimeSpan? AtMost { get; init; }

    /// <summary>The source of randomness, which must be safe for threads. Default: <see cref="Random.Shared"/>.</summary>
    public Random Source { get; init; } = Random.Shared;

    internal IEnumerable<string> Faults(string name)
    {
        if (!(Fraction > 0 && Fraction <= 1)) yield return $"{name}.{nameof(Fraction)} is {Fraction}; it must be above 0 and at most 1.";
        if (AtMost <= TimeSpan.Zero) yield return $"{name}.{nameof(AtMost)} is {AtMost}; it must be above zero, or null for half of the lifetime.";
        if (Source is null) yield return $"{name}.{nameof(Source)} is null; it must be a Random.";
    }

    /// <summary>What to take off a life of so many ticks.</summary>
    internal long Cut(long ticks)
    {
        double bound = Math.Min(AtMost?.Ticks ?? ticks * 0.5, ticks), mean = ticks * Fraction;
        if (bound < 1) return 0;

        // The exponential distribution given that it is at most the bound: cutting off its tail would pile lives up there.
        double below = 1 - Math.Exp(-bound / mean);
        return (long)Math.Clamp(-mean * Math.Log(1 - Source.NextDouble() * below), 0, bound);
    }
}
