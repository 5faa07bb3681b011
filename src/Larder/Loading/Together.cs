namespace Larder.Loading;

/// <summary>Begins changes without waiting for those before, so that they go down together, and waits for all.</summary>
internal static class Together
{
    /// <summary>So many at once: as many as a tier takes in one batch.</summary>
    internal const int Many = 256;

    /// <summary>Makes each change, in order. All are made, whatever becomes of some, until one is cancelled; then the first failure is thrown.</summary>
    internal static async ValueTask EachAsync<T>(IEnumerable<T> items, int atOnce, Func<T, ValueTask> change)
    {
        List<Task> begun = [];
        Exception? failure = null;
        foreach (var item in items)
        {
            try
            {
                var task = change(item);
                if (!task.IsCompletedSuccessfully) begun.Add(task.AsTask());
            }
            catch (OperationCanceledException error)
            {
                failure ??= error;
                break;
            }
            catch (Exception error)
            {
                failure ??= error;
            }

            if (begun.Count >= atOnce) failure = await EndedAsync(begun, failure).ConfigureAwait(false);
        }

        failure = await EndedAsync(begun, failure).ConfigureAwait(false);
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private static async Task<Exception?> EndedAsync(List<Task> begun, Exception? failure)
    {
        foreach (var task in begun)
        {
            try
            {
                await task.ConfigureAwait(false);
            }
            catch (Exception error)
            {
                failure ??= error;
            }
        }

        begun.Clear();
        return failure;
    }
}
