namespace Larder;

/// <summary>What a cache has of one key.</summary>
public sealed record KeyFinding
{
    /// <summary>The key as it was asked for.</summary>
    public required string Key { get; init; }

    /// <summary>What a read would meet in memory: <see cref="ReadStatus.Miss"/> if nothing is there.</summary>
    public ReadStatus Status { get; init; }

    /// <summary>Where it is; null if it is nowhere.</summary>
    public string? Tier { get; init; }

    /// <summary>How long ago it was written or loaded; null where that is not kept.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>How long it stays fresh: <see cref="TimeSpan.MaxValue"/> for ever.</summary>
    public TimeSpan FreshFor { get; init; }

    /// <summary>How long it is served without waiting: the fresh and the stale age together.</summary>
    public TimeSpan ServedFor { get; init; }

    /// <summary>How long until it is gone.</summary>
    public TimeSpan KeptFor { get; init; }

    /// <summary>How long it took to load; zero if it was written.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>Whether there is a value, fresh or old.</summary>
    public bool HasValue { get; init; }

    /// <summary>The value, if it was asked for; of one that is leased, the name of its type.</summary>
    public object? Value { get; init; }
}
