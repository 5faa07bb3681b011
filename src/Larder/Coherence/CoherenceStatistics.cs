namespace Larder;

/// <summary>How it goes with the link to other processes.</summary>
public sealed record CoherenceStatistics
{
    /// <summary>Whether everything is heard.</summary>
    public bool IsLinked { get; init; }

    /// <summary>Invalidations heard.</summary>
    public long Heard { get; init; }

    /// <summary>Invalidations told.</summary>
    public long Told { get; init; }

    /// <summary>Changes that wait to be told.</summary>
    public long Untold { get; init; }

    /// <summary>How often the link was lost.</summary>
    public long Losses { get; init; }
}
