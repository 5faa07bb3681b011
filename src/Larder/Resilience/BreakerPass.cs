namespace Larder.Resilience;

/// <summary>How a call that a breaker let pass ended.</summary>
internal enum BreakerOutcome
{
    Success,
    Failure,

    /// <summary>It was cancelled, or not made: it says nothing of the source.</summary>
    Neutral,
}

/// <summary>What a call that passed a breaker gives back when it ends.</summary>
/// <param name="Era">In which stretch between two changes of state it passed: what passed in an earlier one counts no more.</param>
internal readonly record struct BreakerPass(int Era);
