using Larder.Observability;

namespace Larder;

/// <summary>How writes wait for their source.</summary>
/// <example><code>
/// new WriteBehindOptions&lt;int, Order&gt; { Interval = TimeSpan.FromSeconds(1), Journal = await DiskJournal.OpenAsync(new() { Directory = "journal/orders" }), DeadLetterFile = "dead-orders.jsonl" }
/// </code></example>
public sealed record WriteBehindOptions<TKey, TValue> where TKey : notnull
{
    /// <summary>How often what waits is written: above zero. The longer, the more writes of one key become one. Default: 1 second.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many writes go to the writer at once: at least 1. Default: 100.</summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>How many batches are written at the same time: 1 to 1,000. Writes of one key never are. Default: 4.</summary>
    public int MaxParallel { get; init; } = 4;

    /// <summary>How many keys wait at most: at least 1. From half of that on nobody waits for the interval. Default: 100,000.</summary>
    public int MaxWaiting { get; init; } = 100_000;

    /// <summary>Whether a write for which there is no room is an <see cref="InvalidOperationException"/>; else it waits for room. Default: it waits.</summary>
    public bool RefusesWhenFull { get; init; }

    /// <summary>How often a write is tried before it is a dead letter: at least 1. Default: 10.</summary>
    public int MaxAttempts { get; init; } = 10;

    /// <summary>The waits between two attempts.</summary>
    public BackoffOptions Backoff { get; init; } = new();

    /// <summary>How long disposal waits for what is queued: above zero. What is left is in the journal, if there is one. Default: 30 seconds.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told of each write that is given up, outside all locks. What it throws is counted.</summary>
    public Action<DeadLetter<TKey, TValue>>? OnDeadLetter { get; init; }

    /// <summary>A file to which each write that is given up is appended, one line of JSON each, up to 64 MiB. Default: none.</summary>
    public string? DeadLetterFile { get; init; }

    /// <summary>What makes an acknowledged write survive the process; disposed with the cache. Default: none, and a crash loses what waits.</summary>
    public IWriteJournal? Journal { get; init; }

    internal IEnumerable<string> Faults(string name)
    {
        if (!LongestWait.IsAllowed(Interval)) yield return $"{name}.{nameof(Interval)} is {Interval}; it must be {LongestWait.Allowed}.";
        if (MaxBatch < 1) yield return $"{name}.{nameof(MaxBatch)} is {MaxBatch}; it must be at least 1.";
        if (MaxParallel is < 1 or > 1000) yield return $"{name}.{nameof(MaxParallel)} is {MaxParallel}; it must be from 1 to 1,000.";
        if (MaxWaiting < 1) yield return $"{name}.{nameof(MaxWaiting)} is {MaxWaiting}; it must be at least 1.";
        if (MaxAttempts < 1) yield return $"{name}.{nameof(MaxAttempts)} is {MaxAttempts}; it must be at least 1.";
        if (Backoff is null) yield return $"{name}.{nameof(Backoff)} is null; leave it out for the default.";
        foreach (var fault in Backoff?.Faults($"{name}.{nameof(Backoff)}") ?? []) yield return fault;
        if (!LongestWait.IsAllowed(FlushTimeout)) yield return $"{name}.{nameof(FlushTimeout)} is {FlushTimeout}; it must be {LongestWait.Allowed}.";
        if (DeadLetterFile is not null && string.IsNullOrWhiteSpace(DeadLetterFile)) yield return $"{name}.{nameof(DeadLetterFile)} is '{DeadLetterFile}'; it must be a path, or left out.";
    }
}
