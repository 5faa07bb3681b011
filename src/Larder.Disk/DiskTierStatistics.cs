namespace Larder;

/// <summary>What a disk tier has done since it was opened, and what it holds.</summary>
public sealed record DiskTierStatistics
{
    /// <summary>About how many keys it holds, removed and expired ones among them.</summary>
    public long Entries { get; init; }

    /// <summary>What the log takes on disk, at most the options' <see cref="DiskTierOptions.DiskSize"/>.</summary>
    public long BytesOnDisk { get; init; }

    /// <summary>Checkpoints that were written.</summary>
    public long Checkpoints { get; init; }

    /// <summary>Checkpoints that failed.</summary>
    public long FailedCheckpoints { get; init; }

    /// <summary>Writes to the device that failed and were tried again.</summary>
    public long FailedWrites { get; init; }

    /// <summary>Entries too large for the tier.</summary>
    public long Refused { get; init; }

    /// <summary>Sectors and entries that were not as they had been written. Each is a miss.</summary>
    public long Unreadable { get; init; }
}
