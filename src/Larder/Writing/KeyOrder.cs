namespace Larder.Writing;

/// <summary>Lets one in at a time for each key, in the order in which they came.</summary>
internal sealed class KeyOrder<TKey>(IEqualityComparer<TKey>? comparer) where TKey : notnull
{
    private readonly Lock _gate = new();

    // Guarded by _gate. The keys that someone is in for, with those who wait, if any.
    private readonly Dictionary<TKey, Queue<TaskCompletionSource>?> _taken = new(comparer);

    /// <summary>Ends when it is the caller's turn; disposing what it gives ends the turn.</summary>
    internal ValueTask<Turn> EnterAsync(TKey key)
    {
        TaskCompletionSource mine;
        lock (_gate)
        {
            if (_taken.TryAdd(key, null)) return new(new Turn(this, key));
            mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
            (_taken[key] ??= new()).Enqueue(mine);
        }

        return WaitAsync(mine.Task, key);
    }

    /// <summary>
    /// Ends when it is the caller's turn for all of these keys, each once; disposing what it gives ends the turns. They are taken or waited for together:
    /// so of two callers one is before the other for every key, and none waits for one that waits for it.
    /// </summary>
    internal async ValueTask<Turns> EnterAllAsync(IReadOnlyList<TKey> keys)
    {
        List<Task> waiting = [];
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (_taken.TryAdd(key, null)) continue;
                var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                (_taken[key] ??= new()).Enqueue(mine);
                waiting.Add(mine.Task);
            }
        }

        await Task.WhenAll(waiting).ConfigureAwait(false);
        return new(this, keys);
    }

    private async ValueTask<Turn> WaitAsync(Task mine, TKey key)
    {
        await mine.ConfigureAwait(false);
        return new(this, key);
    }

    private void Leave(TKey key)
    {
        TaskCompletionSource? next = null;
        lock (_gate)
        {
            if (_taken[key] is not { } waiting || !waiting.TryDequeue(out next)) _taken.Remove(key);
        }

        next?.SetResult();
    }

    internal readonly struct Turns(KeyOrder<TKey> order, IReadOnlyList<TKey> keys) : IDisposable
    {
        public void Dispose()
        {
            foreach (var key in keys) order.Leave(key);
        }
    }

    internal readonly struct Turn(KeyOrder<TKey> order, TKey key) : IDisposable
    {
        public void Dispose() => order.Leave(key);
    }
}
