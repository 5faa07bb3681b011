namespace Larder.Loading;

/// <summary>Gathers loads that begin within a short time into one call of the loaders.</summary>
internal sealed class BatchCollector<TKey, TValue>(Loads<TKey, TValue> loads, LoaderChain<TKey, TValue> chain) where TKey : notnull
{
    private readonly Lock _gate = new();
    private List<AskingFlight<TKey, TValue>> _gathered = []; // Guarded by _gate. Invariant: fewer than a whole batch.

    internal void Add(AskingFlight<TKey, TValue> flight)
    {
        List<AskingFlight<TKey, TValue>>? full = null;
        bool isFirst;
        lock (_gate)
        {
            _gathered.Add(flight);
            isFirst = _gathered.Count == 1;
            if (_gathered.Count == loads.Batches.MaxBatch) full = Take();
        }

        if (full is not null) Run(full);
        else if (isFirst) ArmFlush();
    }

    // The first one's execution context goes along: the loader runs with what that reader had about it.
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
        if (gathered.Count > 0) Run(gathered);
    }

    private List<AskingFlight<TKey, TValue>> Take()
    {
        var gathered = _gathered;
        _gathered = [];
        return gathered;
    }

    private void Run(List<AskingFlight<TKey, TValue>> flights) => _ = new BatchRun<TKey, TValue>(loads, chain, flights).RunAsync();

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
