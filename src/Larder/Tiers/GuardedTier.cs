using Larder.Observability;
using Larder.Resilience;
using Microsoft.Extensions.Logging;

namespace Larder.Tiers;

/// <summary>A tier that cannot hurt: behind a breaker, bounded in time, a miss when it fails, and with its changes kept until it has them.</summary>
internal sealed class GuardedTier : IAsyncDisposable
{
    // Takes the payloads of a read that nobody waits for any more.
    private static readonly Action<Task, object?> _discard = static (task, payloads) =>
    {
        _ = task.Exception; // Looked at, so that it is not reported as unobserved.
        ((TierPayloads)payloads!).Dispose();
    };

    private readonly TimeProvider _time;
    private readonly ILogger? _logger;
    private readonly CancellationTokenSource _closing = new();
    private int _failuresInRow;

    internal GuardedTier(TierOptions options, TimeProvider time, ILogger? logger)
    {
        (Options, _time, _logger) = (options, time, logger);
        Breaker = new(options.Breaker with { TimeProvider = time });
        Writer = new(options, Breaker, Counters, time, logger);
    }

    internal TierOptions Options { get; }

    internal ICacheTier Tier => Options.Tier;

    internal CircuitBreaker Breaker { get; }

    internal TierCounters Counters { get; } = new();

    internal TierWriter Writer { get; }

    internal TierStatistics Statistics => new()
    {
        Name = Tier.Name,
        Hits = Volatile.Read(ref Counters.Hits),
        Misses = Volatile.Read(ref Counters.Misses),
        Unreadable = Volatile.Read(ref Counters.Unreadable),
        Migrated = Volatile.Read(ref Counters.Migrated),
        Failures = Volatile.Read(ref Counters.Failures),
        Bypassed = Volatile.Read(ref Counters.Bypassed),
        Writes = Volatile.Read(ref Counters.Writes),
        Removals = Volatile.Read(ref Counters.Removals),
        PassedBy = Volatile.Read(ref Counters.PassedBy),
        Overtaken = Volatile.Read(ref Counters.Overtaken),
        Overflows = Volatile.Read(ref Counters.Overflows),
        Reads = Volatile.Read(ref Counters.Reads),
        ReadTime = TimeSpan.FromTicks(Volatile.Read(ref Counters.ReadTicks)),
        Waiting = Writer.Waiting,
        MustBeCleared = Writer.MustClear,
        Breaker = Breaker.State,
    };

    /// <summary>Looks the keys up. Never throws; the caller disposes what it returns.</summary>
    internal async ValueTask<TierPayloads> ReadAsync(IReadOnlyList<TierKey> keys)
    {
        var found = new TierPayloads(keys.Count);
        if (!Writer.TryOverlay(keys, found, out var asked))
        {
            TierCounters.Add(ref Counters.Bypassed);
            return found;
        }

        if (asked is { Count: 0 }) return found;
        if (!Breaker.TryEnter(out var pass))
        {
            TierCounters.Add(ref Counters.Bypassed);
            return found;
        }

        long began = _time.GetTimestamp();
        Task? late = null;
        try
        {
            var read = asked is null
                ? Tier.GetAsync(keys, found, _closing.Token)
                : Tier.GetAsync([.. asked.Select(i => keys[i])], new Renumbered(found, asked), _closing.Token);
            if (read.IsCompleted) await read.ConfigureAwait(false);
            else await (late = read.AsTask()).WaitAsync(Options.ReadTimeout, _time).ConfigureAwait(false);
            Count(began);
            Breaker.Leave(pass, BreakerOutcome.Success);
            Volatile.Write(ref _failuresInRow, 0);
            return found;
        }
        catch (Exception error)
        {
            Count(began);
            Breaker.Leave(pass, _closing.IsCancellationRequested ? BreakerOutcome.Neutral : BreakerOutcome.Failure);
            TierCounters.Add(ref Counters.Failures);
            if (Interlocked.Increment(ref _failuresInRow) == 1) _logger?.Later(logger => logger.TierReadFailed(Tier.Name, error));
            if (late is null || late.IsCompleted) found.Dispose();
            else _ = late.ContinueWith(_discard, found, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return new(keys.Count);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DrainAsync(Options.WriteTimeout).ConfigureAwait(false);
        await Writer.DisposeAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        if (Options.IsOwned) await Tier.DisposeAsync().ConfigureAwait(false);
    }

    private void Count(long began)
    {
        TierCounters.Add(ref Counters.Reads);
        TierCounters.Add(ref Counters.ReadTicks, _time.GetElapsedTime(began).Ticks);
    }

    // Some of the keys are asked for: their positions are others.
    private sealed class Renumbered(TierPayloads found, List<int> positions) : ITierReceiver
    {
        public System.Buffers.IBufferWriter<byte> Buffer(int index) => found.Buffer(positions[index]);

        public void Found(int index) => found.Found(positions[index]);

        public void Stamped(int index, TierStamp stamp) => found.Stamped(positions[index], stamp);
    }
}
