namespace Larder;

/// <summary>Writes to the source of truth.</summary>
/// <remarks>
/// A batch has a key once. It is asked for one batch of a key at a time, in the order in which the writes were made. A write may come again:
/// after a failure, after a timeout, and, from a journal, after a crash.
/// </remarks>
/// <example><code>
/// sealed class OrderWriter(Database db) : IWriter&lt;int, Order&gt;
/// {
///     public async ValueTask WriteAsync(WriteBatch&lt;int, Order&gt; batch, CancellationToken cancellationToken)
///     {
///         foreach (var write in batch.Writes)
///         {
///             if (write.IsRemoval) await db.DeleteAsync(write.Key, cancellationToken);
///             else await db.UpsertAsync(write.Value!, cancellationToken);
///         }
///     }
/// }
/// </code></example>
public interface IWriter<TKey, TValue> where TKey : notnull
{
    /// <summary>Writes the batch. What it throws is the failure of every write of which <see cref="WriteBatch{TKey, TValue}.Fail"/> has said nothing.</summary>
    ValueTask WriteAsync(WriteBatch<TKey, TValue> batch, CancellationToken cancellationToken = default);
}
