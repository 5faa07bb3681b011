namespace Larder;

/// <summary>When a <see cref="CircuitBreaker"/> opens and closes.</summary>
/// <example><code>new BreakerOptions { FailureThreshold = 10, OpenDuration = TimeSpan.FromSeconds(5) }</code></example>
public sealed record BreakerOptions
{
    /// <summary>How many failures in a row open it: at least 1. Default: 5.</summary>
    public int FailureThreshold { get; init; } = 5;

    /// <summary>How many successes close it again once calls are tried: at least 1. Default: 2.</summary>
    public int SuccessThreshold { get; init; } = 2;

    /// <summary>How long it stays open before calls are tried: above zero. Default: 30 seconds.</summary>
    public TimeSpan OpenDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls are tried at once: at least 1. Default: 3.</summary>
    public int HalfOpenProbes { get; init; } = 3;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal IEnumerable<string> Faults(string name)
    {
        if (FailureThreshold < 1) yield return $"{name}.{nameof(FailureThreshold)} is {FailureThreshold}; it must be at least 1.";
        if (SuccessThreshold < 1) yield return $"{name}.{nameof(SuccessThreshold)} is {SuccessThreshold}; it must be at least 1.";
        if (OpenDuration <= TimeSpan.Zero) yield return $"{name}.{nameof(OpenDuration)} is {OpenDuration}; it must be above zero.";
        if (HalfOpenProbes < 1) yield return $"{name}.{nameof(HalfOpenProbes)} is {HalfOpenProbes}; it must be at least 1.";
        if (TimeProvider is null) yield return $"{name}.{nameof(TimeProvider)} is null; leave it out for the system's.";
    }
}
