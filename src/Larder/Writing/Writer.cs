namespace Larder;

/// <summary>Makes writers from functions.</summary>
/// <example><code>
/// Writer.For&lt;int, Order&gt;((write, cancel) =&gt; write.IsRemoval ? db.DeleteAsync(write.Key, cancel) : db.UpsertAsync(write.Value!, cancel))
/// </code></example>
public static class Writer
{
    /// <summary>A writer of one write at a time. One that throws fails alone.</summary>
    public static IWriter<TKey, TValue> For<TKey, TValue>(Func<Write<TKey, TValue>, CancellationToken, ValueTask> write) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(write);
        return new Function<TKey, TValue>(write);
    }

    /// <summary>A writer of many writes at once, all of which fail if it throws.</summary>
    public static IWriter<TKey, TValue> ForMany<TKey, TValue>(Func<IReadOnlyList<Write<TKey, TValue>>, CancellationToken, ValueTask> write) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(write);
        return new ManyFunction<TKey, TValue>(write);
    }

    private sealed class Function<TKey, TValue>(Func<Write<TKey, TValue>, CancellationToken, ValueTask> write) : IWriter<TKey, TValue> where TKey : notnull
    {
        public async ValueTask WriteAsync(WriteBatch<TKey, TValue> batch, CancellationToken cancellationToken)
        {
            foreach (var one in batch.Writes)
            {
                try
                {
                    await write(one, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    batch.Fail(one.Key, error);
                }
            }
        }
    }

    private sealed class ManyFunction<TKey, TValue>(Func<IReadOnlyList<Write<TKey, TValue>>, CancellationToken, ValueTask> write) : IWriter<TKey, TValue> where TKey : notnull
    {
        public ValueTask WriteAsync(WriteBatch<TKey, TValue> batch, CancellationToken cancellationToken) => write(batch.Writes, cancellationToken);
    }
}
