namespace Larder;

/// <summary>What a <see cref="CircuitBreaker"/> does with calls.</summary>
public enum BreakerState
{
    /// <summary>Lets them pass.</summary>
    Closed,

    /// <summary>Refuses them until its time is over.</summary>
    Open,

    /// <summary>Lets a few pass, to see how they end.</summary>
    HalfOpen,

    /// <summary>Refuses them until it is reset by hand.</summary>
    Isolated,
}

/// <summary>A breaker's change of state.</summary>
/// <param name="From">What it was.</param>
/// <param name="To">What it is.</param>
public readonly record struct BreakerChange(BreakerState From, BreakerState To);
