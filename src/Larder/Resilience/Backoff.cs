namespace Larder.Resilience;

/// <summary>The waits of <see cref="BackoffOptions"/>.</summary>
internal sealed class Backoff(BackoffOptions options, Random random)
{
    /// <summary>The wait after so many failures in a row.</summary>
    internal TimeSpan Delay(int failures)
    {
        // In floating point, where any number of failures only reaches infinity.
        double ticks = Math.Min(options.First.Ticks * Math.Pow(options.Factor, Math.Max(0, failures - 1)), options.Most.Ticks);
        return TimeSpan.FromTicks(Math.Max(1, (long)(ticks * (1 - options.Jitter * random.NextDouble()))));
    }
}
