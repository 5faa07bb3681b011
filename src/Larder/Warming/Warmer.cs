using Larder.Loading;
using Larder.Memory;
using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Warming;

/// <summary>Runs the warm-ups of one cache: at its start, on their schedules, and before the hours for which it has learnt.</summary>
internal sealed class Warmer<TKey, TValue>(
    WarmingOptions<TKey, TValue> options, IWarmTarget<TKey, TValue> target, HotHours<TKey>? hours, TimeProvider time, ILogger logger, string name) : IAsyncDisposable
    where TKey : notnull
{
    // How many keys are loaded before progress is reported again.
    private const int Slice = 500;

    // The longest that is waited at once: timers take no more than some weeks, and a clock that is set is noticed.
    private static readonly TimeSpan _longestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _starting = new(1);
    private readonly List<Task> _loops = []; // Guarded by _starting, as _isStarted.
    private bool _isStarted;

    /// <summary>Starts once. Who comes while another starts waits for it; if that fails, the next one tries.</summary>
    internal async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Disposal.ThrowIf(_stop.IsCancellationRequested, name);
            if (_isStarted) return;
            await BeginAsync(cancellationToken).ConfigureAwait(false);
            foreach (var warmUp in options.Scheduled) _loops.Add(RunAsync(warmUp));
            if (hours is not null) _loops.Add(PredictAsync(hours, options.Predicted!));
            _isStarted = true;
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (options.AtStart is not { } atStart) return;
        try
        {
            await Within(options.StartTimeout, cancel => PutAsync(atStart, cancel), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!options.FailsStart && !cancellationToken.IsCancellationRequested)
        {
            logger.WarmUpFailed(name, error);
        }
    }

    /// <summary>Loads keys, a slice at a time, and reports.</summary>
    internal static async ValueTask<WarmProgress> LoadAsync(
        IWarmTarget<TKey, TValue> target, IReadOnlyCollection<TKey> keys, TimeSpan freshFor, IProgress<WarmProgress>? progress, CancellationToken cancellationToken)
    {
        var done = new WarmProgress(0, 0, keys.Count);
        foreach (var slice in keys.Chunk(Slice))
        {
            var (warmed, failed) = await target.LoadAsync(slice, freshFor, cancellationToken).ConfigureAwait(false);
            done = done with { Warmed = done.Warmed + warmed, Failed = done.Failed + failed };
            progress?.Report(done);
        }

        return done;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (await _starting.WaitAsync(_patience).ConfigureAwait(false)) _starting.Release(); // A start under way has seen it.
        await Task.WhenAll(_loops).WaitAsync(_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task PutAsync(Func<CancellationToken, ValueTask<WarmUp<TKey, TValue>>> source, CancellationToken cancellationToken)
    {
        // Before the source is asked: what is written while it answers is newer than what it brings.
        long asOf = target.Version;
        var warmUp = await source(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var (key, value) in warmUp.Values) target.Offer(key, value, warmUp.Lifetime, asOf);
        foreach (var key in warmUp.Absent) target.OfferAbsence(key, warmUp.Lifetime, asOf);
        int total = warmUp.Values.Count + warmUp.Absent.Count;
        options.Progress?.Report(new(total, 0, total));
    }

    private async Task RunAsync(ScheduledWarmUp<TKey, TValue> warmUp)
    {
        // The next time is counted from the end of a run, so that runs never overlap nor pile up.
        while (warmUp.When.NextAfter(time.GetUtcNow()) is { } next && await WaitUntil(next + Stagger(warmUp.Stagger)).ConfigureAwait(false))
        {
            var until = warmUp.When.NextAfter(next) is { } after ? after - next + warmUp.Stagger : TimeSpan.Zero;
            await TryRun(warmUp.Timeout, cancel => warmUp.Values is { } values
                ? PutAsync(values, cancel)
                : LoadAsync(warmUp.Keys!, warmUp.Budget, until, cancel)).ConfigureAwait(false);
        }
    }

    private async Task PredictAsync(HotHours<TKey> hours, PredictionOptions predicted)
    {
        while (true)
        {
            var hour = NextHour(time.GetUtcNow() + predicted.Ahead, predicted.TimeZone);
            if (!await WaitUntil(hour - predicted.Ahead).ConfigureAwait(false)) return;
            await TryRun(predicted.Ahead, cancel => LoadAsync(_ => new(hours.Expected(hour)), predicted.KeysPerHour, predicted.Ahead, cancel)).ConfigureAwait(false);
        }
    }

    private async Task LoadAsync(Func<CancellationToken, ValueTask<IReadOnlyCollection<TKey>>> source, int budget, TimeSpan freshFor, CancellationToken cancellationToken)
    {
        var keys = await source(cancellationToken).ConfigureAwait(false);
        var done = await LoadAsync(target, [.. keys.Distinct(target.Comparer).Take(budget)], freshFor, options.Progress, cancellationToken).ConfigureAwait(false);
        if (done.Failed > 0) logger.WarmUpIncomplete(name, done.Failed, done.Total);
    }

    // A run that fails, or takes too long, is logged; the next one comes all the same.
    private async Task TryRun(TimeSpan timeout, Func<CancellationToken, Task> run)
    {
        try
        {
            await Within(timeout, run, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            if (!_stop.IsCancellationRequested) logger.WarmUpFailed(name, error);
        }
    }

    private async Task Within(TimeSpan timeout, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(timeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellationToken, _stop.Token);

        // Waited for no longer than that, even if what runs ignores its token.
        await run(end.Token).WaitAsync(end.Token).ConfigureAwait(false);
    }

    // Whether the time came, and not the end.
    private async Task<bool> WaitUntil(DateTimeOffset at)
    {
        while (at - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < _longestWait ? left : _longestWait, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) return false;
        }

        return !_stop.IsCancellationRequested;
    }

    private static TimeSpan Stagger(TimeSpan most) => most * Random.Shared.NextDouble();

    private static DateTimeOffset NextHour(DateTimeOffset after, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(after, zone);
        return after + TimeSpan.FromTicks(TimeSpan.TicksPerHour - local.Ticks % TimeSpan.TicksPerHour);
    }
}
