namespace Larder.Tiers;

/// <summary>What some tiers are to do together. Prepared outside locks; begun under one that keeps writers of a key in order; then awaited.</summary>
internal readonly struct TierChanges(int count)
{
    private readonly List<(GuardedTier Tier, TierChange Change)>? _steps = new(count);

    internal void Add(GuardedTier tier, TierChange change) => _steps!.Add((tier, change));

    /// <summary>Has the changes done, each tier behind its own guard.</summary>
    /// <returns>Ends when all have been tried, or have taken longer than a caller waits; never fails.</returns>
    internal Task Begin(TimeProvider time, bool waits)
    {
        if (_steps is null) return Task.CompletedTask;
        List<Task>? waiting = null;
        foreach (var (tier, change) in _steps)
        {
            var tried = tier.Writer.Add(change, waits);
            if (!tried.IsCompleted) (waiting ??= []).Add(Within(tried, tier.Options.WriteTimeout, time));
        }

        return waiting is null ? Task.CompletedTask : Task.WhenAll(waiting);
    }

    /// <summary>They are not to be done after all.</summary>
    internal void Discard()
    {
        foreach (var (_, change) in _steps ?? []) change.Dispose();
    }

    private static async Task Within(Task tried, TimeSpan timeout, TimeProvider time) =>
        await tried.WaitAsync(timeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
