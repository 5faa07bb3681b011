using Larder.Observability;

namespace Larder;

/// <summary>How what is written to a cache reaches the source of truth.</summary>
/// <example><code>
/// Writing = new(new OrderWriter(db))                                                        // write-through: the source first
/// Writing = new(new OrderWriter(db)) { Behind = new() { Interval = TimeSpan.FromSeconds(1) } }      // write-behind
/// </code></example>
public sealed record WritingOptions<TKey, TValue> where TKey : notnull
{
    /// <summary>Writes through this.</summary>
    public WritingOptions(IWriter<TKey, TValue> writer) => Writer = writer;

    /// <summary>Who writes.</summary>
    public IWriter<TKey, TValue> Writer { get; init; }

    /// <summary>How writes wait, to be written together and behind the caller's back. Default: they do not; the caller waits for the source.</summary>
    public WriteBehindOptions<TKey, TValue>? Behind { get; init; }

    /// <summary>How long a call of the writer may take: above zero. Afterwards nobody knows whether it has written. Default: 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    internal IEnumerable<string> Faults(string name)
    {
        if (Writer is null) yield return $"{name}.{nameof(Writer)} is null; it must be a writer.";
        if (!LongestWait.IsAllowed(Timeout)) yield return $"{name}.{nameof(Timeout)} is {Timeout}; it must be {LongestWait.Allowed}.";
        foreach (var fault in Behind?.Faults($"{name}.{nameof(Behind)}") ?? []) yield return fault;
    }
}
