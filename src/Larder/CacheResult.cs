namespace Larder;

/// <summary>What a read of a loading cache returned, and how it came by it.</summary>
/// <example><code>
/// var read = await users.ReadAsync("u:1", cancel);
/// if (read.HasValue) Show(read.Value, isOld: read.Status is ReadStatus.Stale or ReadStatus.Fallback, read.Age);
/// </code></example>
public readonly record struct CacheResult<TValue>
{
    /// <summary>The name of the memory of this process among the tiers.</summary>
    internal const string MemoryTier = "memory";

    /// <summary>The value, if there is one.</summary>
    public TValue? Value { get; init; }

    /// <summary>What the read met. With <see cref="ReadStatus.Miss"/> and <see cref="ReadStatus.Expired"/> it waited for a load.</summary>
    public ReadStatus Status { get; init; }

    /// <summary>Whether there is a value; <c>null</c> may be one.</summary>
    public bool HasValue { get; init; }

    /// <summary>Whether it waited for a load that another read had begun.</summary>
    public bool IsJoined { get; init; }

    /// <summary>Where the value was: <c>memory</c> for this process's own; null if it was loaded for this read, or there is none.</summary>
    public string? Tier { get; init; }

    /// <summary>How long ago the value was written or loaded.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>How long it stays fresh: <see cref="TimeSpan.MaxValue"/> for ever, zero if it no longer is.</summary>
    public TimeSpan FreshFor { get; init; }

    /// <summary>How long until it is no longer served without waiting: the fresh and the stale age together.</summary>
    public TimeSpan ServedFor { get; init; }

    /// <summary>How long until it is gone.</summary>
    public TimeSpan KeptFor { get; init; }

    /// <summary>How long it took to load; zero if it was written.</summary>
    public TimeSpan LoadTime { get; init; }

    /// <summary>Another one for every write: two results of one key with the same version have the same value. Zero without an entry.</summary>
    public long Version { get; init; }

    /// <summary>Why there is an old value, or none: what the source threw, for a fallback and for a key that failed among many.</summary>
    public Exception? Error { get; init; }
}
