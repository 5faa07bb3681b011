namespace Larder.Loading;

/// <summary>At most so many refreshes at once, at most so many more in line.</summary>
internal sealed class RefreshSlots<TKey, TValue>(int most, int mostWaiting, BatchCollector<TKey, TValue>? collector) where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Queue<(AskingFlight<TKey, TValue> Flight, ExecutionContext? Context)> _waiting = new(); // Guarded by _gate. Each with what its first reader had about it.
    private int _reserved; // Guarded by _gate. Those that run, those that wait, and those that will shortly do either.
    private int _running; // Guarded by _gate. Invariant: at most `most`.

    internal int Running { get { lock (_gate) return _running; } }

    internal bool TryReserve()
    {
        lock (_gate)
        {
            if (_reserved >= (long)most + mostWaiting) return false;
            _reserved++;
            return true;
        }
    }

    /// <summary>What was reserved is not needed.</summary>
    internal void Release()
    {
        lock (_gate) _reserved--;
    }

    /// <summary>Runs the refresh on the thread pool, now or in its turn.</summary>
    internal void Run(AskingFlight<TKey, TValue> flight)
    {
        lock (_gate)
        {
            if (_running >= most)
            {
                _waiting.Enqueue((flight, ExecutionContext.Capture()));
                return;
            }

            _running++;
        }

        Start(flight);
    }

    /// <summary>A refresh has ended.</summary>
    internal void RunNext()
    {
        (AskingFlight<TKey, TValue> Flight, ExecutionContext? Context) next;
        lock (_gate)
        {
            _reserved--;
            if (!_waiting.TryDequeue(out next))
            {
                _running--;
                return;
            }
        }

        // From the pool: one that ends at once would begin the next within itself, and that the one after it.
        ThreadPool.UnsafeQueueUserWorkItem(static item => item.self.Begin(item.next.Flight, item.next.Context), (self: this, next), preferLocal: false);
    }

    // The execution context flows, so that a loader runs with what its first reader had about it.
    private void Start(AskingFlight<TKey, TValue> flight)
    {
        if (flight.Loads.Walk is null && IsBatched(flight)) collector!.Add(flight);
        else ThreadPool.QueueUserWorkItem(static item => item.self.Begin(item.flight), (self: this, flight), preferLocal: false);
    }

    // With what the first reader had about it, not the one that has ended.
    private void Begin(AskingFlight<TKey, TValue> flight, ExecutionContext? context)
    {
        if (context is null) Begin(flight);
        else ExecutionContext.Run(context, static state => ((Action)state!)(), () => Begin(flight));
    }

    private void Begin(AskingFlight<TKey, TValue> flight)
    {
        if (flight.Loads.Walk is { } walk) _ = DescendAsync(walk, flight);
        else Ask(flight);
    }

    // Another process may have refreshed it already.
    private async Task DescendAsync(TierWalk<TKey, TValue> walk, AskingFlight<TKey, TValue> flight)
    {
        var rest = await walk.DescendAsync([flight]).ConfigureAwait(false);
        if (rest.Count > 0) Ask(flight);
    }

    private void Ask(AskingFlight<TKey, TValue> flight)
    {
        if (IsBatched(flight)) collector!.Add(flight);
        else flight.Start(canBeDeserted: true);
    }

    private bool IsBatched(AskingFlight<TKey, TValue> flight) => collector is not null && flight is ChainFlight<TKey, TValue>;
}
