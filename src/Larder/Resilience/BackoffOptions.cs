namespace Larder;

/// <summary>How long to wait after a failure, and after the next: growing, bounded, and a little at random.</summary>
/// <example><code>new BackoffOptions { First = TimeSpan.FromMilliseconds(200), Most = TimeSpan.FromSeconds(10) }</code></example>
public sealed record BackoffOptions
{
    /// <summary>The wait after the first failure: above zero. Default: 1 second.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>By what each further failure in a row multiplies it: 1 to 10. Default: 2.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>The longest wait: at least <see cref="First"/>, at most a day. Default: 30 seconds.</summary>
    public TimeSpan Most { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>By how much of it a wait is shortened at random, at most: 0 to 1. Default: 0.2.</summary>
    public double Jitter { get; init; } = 0.2;

    internal IEnumerable<string> Faults(string name)
    {
        if (First <= TimeSpan.Zero) yield return $"{name}.{nameof(First)} is {First}; it must be above zero.";
        if (!(Factor >= 1 && Factor <= 10)) yield return $"{name}.{nameof(Factor)} is {Factor}; it must be from 1 to 10.";
        if (Most < First || Most > TimeSpan.FromDays(1)) yield return $"{name}.{nameof(Most)} is {Most}; it must be at least {name}.{nameof(First)}, which is {First}, and at most a day.";
        if (!(Jitter >= 0 && Jitter <= 1)) yield return $"{name}.{nameof(Jitter)} is {Jitter}; it must be from 0 to 1.";
    }
}
