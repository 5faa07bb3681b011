namespace Larder;

/// <summary>What one tier of a cache has been asked, and how it goes.</summary>
public sealed record TierStatistics
{
    /// <summary>The tier's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Keys that it had, readable, in time.</summary>
    public long Hits { get; init; }

    /// <summary>Keys that it did not have.</summary>
    public long Misses { get; init; }

    /// <summary>Entries that were there and could not be used: damaged, of another schema, or not to be deserialized.</summary>
    public long Unreadable { get; init; }

    /// <summary>Entries of an earlier schema version that were migrated.</summary>
    public long Migrated { get; init; }

    /// <summary>Calls that threw or took too long.</summary>
    public long Failures { get; init; }

    /// <summary>Reads that went on without it because its breaker was open, or because it must be cleared first.</summary>
    public long Bypassed { get; init; }

    /// <summary>Entries written.</summary>
    public long Writes { get; init; }

    /// <summary>Keys removed.</summary>
    public long Removals { get; init; }

    /// <summary>Keys and values that were too long, or could not be serialized, and passed it by.</summary>
    public long PassedBy { get; init; }

    /// <summary>Writes and removals that it does not have yet.</summary>
    public long Waiting { get; init; }

    /// <summary>Writes that waited for a shared tier while it was away, and were not made: another process had written something newer.</summary>
    public long Overtaken { get; init; }

    /// <summary>How often more changes waited than may, so that it had to be cleared.</summary>
    public long Overflows { get; init; }

    /// <summary>Whether it is not read before it has been cleared.</summary>
    public bool MustBeCleared { get; init; }

    /// <summary>The time that its reads took, in all.</summary>
    public TimeSpan ReadTime { get; init; }

    /// <summary>How many calls these were.</summary>
    public long Reads { get; init; }

    /// <summary>Its breaker's state.</summary>
    public BreakerState Breaker { get; init; }
}
