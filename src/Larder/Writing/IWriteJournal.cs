namespace Larder;

/// <summary>Where writes stand that were acknowledged and are yet to reach their destination. What was appended outlives the process.</summary>
/// <example><code>
/// await foreach (var record in journal.ReplayAsync(cancellationToken)) Redo(record.Bytes);      // at the start
/// long position = await journal.AppendAsync(bytes, cancellationToken);                          // now it is safe to say yes
/// await journal.TruncateAsync(position + 1, cancellationToken);                                 // and now it is done
/// </code></example>
public interface IWriteJournal : IAsyncDisposable
{
    /// <summary>Appends a record. When the task has ended, the record is there whatever happens to the process.</summary>
    /// <returns>Its position: greater than that of every record before it.</returns>
    ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record, CancellationToken cancellationToken = default);

    /// <summary>The records that are not truncated, in the order of their positions: each that was acknowledged, and perhaps some that were not.</summary>
    IAsyncEnumerable<JournalRecord> ReplayAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets the records before that position. After a crash some of them may be replayed nevertheless.</summary>
    ValueTask TruncateAsync(long position, CancellationToken cancellationToken = default);
}
