namespace Larder.Loading;

/// <summary>Gathers loads that begin within a short time into one call of the loaders.</summary>
internal sealed class BatchCollector<TKey, TValue>(Loads<TKey, TValue> loads, LoaderChain<TKey, TValue> chain) where TKey : notnull
{
    private readonly Lock _gate = new();
    private List<AskingFlight<TKey, TValue>> _gathered = []; // Guarded by _gate. Invariant: fewer than a whole batch.
    private ExecutionContext? _context; // Guarded by _gate. Of the first that was gathered: the loaders run with what that reader had about it.

    internal void Add(AskingFlight<TKey, TValue> flight)
    {
        List<AskingFlight<TKey, TValue>>? full = null;
        ExecutionContext? context;
        bool isFirst;
        lock (_gate)
        {
            _gathered.Add(flight);
            isFirst = _gathered.Count == 1;
            if (isFirst) _context = ExecutionContext.Capture();
            context = _context;
            if (_gathered.Count == loads.Batches.MaxBatch) full = Take();
        }

        if (full is not null && context is not null) ExecutionContext.Run(context, static run => ((BatchRun<TKey, TValue>)run!).Start(), RunOf(full));
        else if (full is not null) RunOf(full).Start();
        else if (isFirst) ArmFlush();
    }

    // The first one's execution context goes along by itself.
    private void ArmFlush()
    {
        if (loads.Batches.Window == TimeSpan.Zero)
        {
            ThreadPool.QueueUserWorkItem(static self => self.Flush(), this, preferLocal: false);
            return;
        }

        var timer = new Flusher(this);
        timer.Start(loads.Time, loads.Batches.Window);
    }

    private void Flush()
    {
        List<AskingFlight<TKey, TValue>> gathered;
        lock (_gate) gathered = Take();
        if (gathered.Count > 0) RunOf(gathered).Start();
    }

    private List<AskingFlight<TKey, TValue>> Take()
    {
        var gathered = _gathered;
        (_gathered, _context) = ([], null);
        return gathered;
    }

    private BatchRun<TKey, TValue> RunOf(List<AskingFlight<TKey, TValue>> flights) => new(loads, chain, flights);

    // A timer that ends itself: it may flush what came after a full batch a little early, never late.
    private sealed class Flusher(BatchCollector<TKey, TValue> collector)
    {
        private ITimer? _timer;

        internal void Start(TimeProvider time, TimeSpan window)
        {
            _timer = time.CreateTimer(static state => ((Flusher)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(window, Timeout.InfiniteTimeSpan);
        }

        private void Fire()
        {
            _timer!.Dispose();
            collector.Flush();
        }
    }
}
