namespace Larder.Writing;

/// <summary>Lets one in at a time for each key, in the order in which they came.</summary>
internal sealed class KeyOrder<TKey>(IEqualityComparer<TKey>? comparer) where TKey : notnull
{
    private readonly Lock _gate = new();

    // Guarded by _gate. The keys that someone is in for, with those who wait, if any. Who is not there any more has been let in, or has turned away.
    private readonly Dictionary<TKey, LinkedList<TaskCompletionSource>?> _taken = new(comparer);

    /// <summary>Ends when it is the caller's turn; disposing what it gives ends the turn.</summary>
    internal async ValueTask<Turn> EnterAsync(TKey key, CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource>? mine;
        lock (_gate) mine = LineUpLocked(key);
        if (mine is null) return new(this, key);
        try
        {
            await mine.Value.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            TurnAway(key, mine);
            throw;
        }

        return new(this, key);
    }

    /// <summary>
    /// Ends when it is the caller's turn for all of these keys, each once; disposing what it gives ends the turns. They are taken or waited for together:
    /// so of two callers one is before the other for every key, and none waits for one that waits for it.
    /// </summary>
    internal async ValueTask<Turns> EnterAllAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource>?[] mine;
        lock (_gate) mine = [.. keys.Select(LineUpLocked)];
        try
        {
            await Task.WhenAll(mine.OfType<LinkedListNode<TaskCompletionSource>>().Select(static node => node.Value.Task)).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            for (int i = 0; i < mine.Length; i++) TurnAway(keys[i], mine[i]);
            throw;
        }

        return new(this, keys);
    }

    // Null if it is the caller's turn at once.
    private LinkedListNode<TaskCompletionSource>? LineUpLocked(TKey key) =>
        _taken.TryAdd(key, null) ? null : (_taken[key] ??= new()).AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    // Who has been let in meanwhile, or at once, lets in the next.
    private void TurnAway(TKey key, LinkedListNode<TaskCompletionSource>? mine)
    {
        lock (_gate)
        {
            if (mine?.List is { } line)
            {
                line.Remove(mine);
                return;
            }
        }

        Leave(key);
    }

    private void Leave(TKey key)
    {
        TaskCompletionSource? next = null;
        lock (_gate)
        {
            if (_taken[key]?.First is { } first)
            {
                next = first.Value;
                first.List!.Remove(first);
            }
            else
            {
                _taken.Remove(key);
            }
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
