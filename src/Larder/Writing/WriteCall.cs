namespace Larder.Writing;

/// <summary>One call of a user's writer.</summary>
internal static class WriteCall
{
    /// <summary>Writes the batch. Returns what failed the whole of it; a timeout says that nobody knows.</summary>
    internal static async ValueTask<Exception?> TryAsync<TKey, TValue>(WritingOptions<TKey, TValue> options, WriteBatch<TKey, TValue> batch, TimeProvider time, CancellationToken cancellationToken)
        where TKey : notnull
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Task? call = null;
        try
        {
            call = options.Writer.WriteAsync(batch, either.Token).AsTask();
            await call.WaitAsync(either.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // The writer may not have seen its token. Until it returns it may still write: then a later write of the key may not begin.
            if (call is { IsCompleted: false }) await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new TimeoutException($"A call of the writer took longer than {options.Timeout}.");
        }
        catch (Exception error)
        {
            if (call is { IsCompleted: false }) await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return error;
        }
    }
}
