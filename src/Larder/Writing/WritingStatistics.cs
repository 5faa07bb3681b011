namespace Larder;

/// <summary>How it goes with the writes of a cache.</summary>
public sealed record WritingStatistics
{
    /// <summary>Keys whose write waits or is under way.</summary>
    public long Waiting { get; init; }

    /// <summary>How long the oldest of them has waited.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>Writes taken.</summary>
    public long Taken { get; init; }

    /// <summary>Of these, those that a later one of their key has replaced before they were written.</summary>
    public long Coalesced { get; init; }

    /// <summary>Writes that have reached the source.</summary>
    public long Written { get; init; }

    /// <summary>Calls of the writer.</summary>
    public long Batches { get; init; }

    /// <summary>Attempts that failed.</summary>
    public long Failures { get; init; }

    /// <summary>Writes given up.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Writes refused, for want of room or because the journal failed.</summary>
    public long Refused { get; init; }

    /// <summary>Writes that an earlier process had acknowledged, brought back from the journal.</summary>
    public long Replayed { get; init; }
}
