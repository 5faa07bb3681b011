namespace Larder;

/// <summary>How keys are loaded together.</summary>
/// <example><code>new BatchOptions { Window = TimeSpan.FromMilliseconds(2), MaxBatch = 200 }   // single misses wait 2 ms for company</code></example>
public sealed record BatchOptions
{
    /// <summary>The most keys one call of a batch loader gets: at least 1. More are divided. Default: 100.</summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>
    /// How long a single miss waits for others, to be loaded with them by one call. Zero: it does not. Needs a batch
    /// loader. Default: zero.
    /// </summary>
    public TimeSpan Window { get; init; }

    /// <summary>How many calls of loaders a read of many keys makes at once: at least 1. Default: 8.</summary>
    public int MaxParallel { get; init; } = 8;

    /// <summary>Whether what the loaders before had found is kept when one in a chain throws. Default: false, nothing is.</summary>
    public bool KeepsFoundOnError { get; init; }

    internal IEnumerable<string> Faults(string name)
    {
        if (MaxBatch < 1) yield return $"{name}.{nameof(MaxBatch)} is {MaxBatch}; it must be at least 1.";
        if (Window < TimeSpan.Zero || Window > TimeSpan.FromMinutes(1)) yield return $"{name}.{nameof(Window)} is {Window}; it must be from zero to one minute.";
        if (MaxParallel < 1) yield return $"{name}.{nameof(MaxParallel)} is {MaxParallel}; it must be at least 1.";
    }
}
