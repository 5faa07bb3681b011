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

    private readonly string _cacheName;
    private readonly TimeProvider _time;
    private readonly ILogger? _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly LogLimit _failures;
    private int _failuresInRow;

    internal GuardedTier(string cacheName, TierOptions options, TimeProvider time, ILogger? logger)
    {
        (_cacheName, Options, _time, _logger) = (cacheName, options, time, logger);
        _failures = new(time);
        Breaker = new(options.Breaker with { TimeProvider = time });
        Writer = new(cacheName, options, Breaker, Counters, time, logger);
    }

    internal TierOptions Options { get; }

    internal ICacheTier Tier => Options.Tier;

    internal CircuitBreaker Breaker { get; }

    internal TierCounters Counters { get; } = new();

    internal TierWriter Writer { get; }

    /// <summary>The stamps of tags; null for a node of several, whose entries bear none that it knows of.</summary>
    internal TagStamps? Stamps { get => Writer.Stamps; init => Writer.Stamps = value; }

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
            return Unasked(found);
        }

        if (asked is { Count: 0 }) return found;
        if (!Breaker.TryEnter(out var pass))
        {
            TierCounters.Add(ref Counters.Bypassed);
            return Unasked(found);
        }

        var call = TierCall.Get(_cacheName, Tier.Name, asked?.Count ?? keys.Count, _time);
        Task? late = null;
        try
        {
            var read = asked is null
                ? Tier.GetAsync(keys, found, _closing.Token)
                : Tier.GetAsync([.. asked.Select(i => keys[i])], new Renumbered(found, asked), _closing.Token);
            if (read.IsCompleted) await read.ConfigureAwait(false);
            else await (late = read.AsTask()).WaitAsync(Options.ReadTimeout, _time).ConfigureAwait(false);
            Count(call.End(null));
            Breaker.Leave(pass, BreakerOutcome.Success);
            Volatile.Write(ref _failuresInRow, 0);
            return found;
        }
        catch (Exception error)
        {
            Count(call.End(error));
            Breaker.Leave(pass, _closing.IsCancellationRequested ? BreakerOutcome.Neutral : BreakerOutcome.Failure);
            TierCounters.Add(ref Counters.Failures);
            if (Interlocked.Increment(ref _failuresInRow) == 1 && _failures.MaySay()) _logger?.Later(logger => logger.TierReadFailed(Tier.Name, error));
            if (late is null || late.IsCompleted) found.Dispose();
            else _ = late.ContinueWith(_discard, found, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return Unasked(new(keys.Count));
        }
    }

    /// <summary>Has the stamps of these tags looked up, as far as they are not known. Never throws.</summary>
    internal async ValueTask ObserveAsync(IReadOnlyCollection<string> tags)
    {
        if (tags.Count == 0 || Stamps is not { } stamps) return;
        long asOf = stamps.Version;
        using var found = await ReadAsync([.. tags.Select(stamps.KeyOf)]).ConfigureAwait(false);
        int i = 0;
        foreach (var tag in tags) stamps.Learn(tag, found.TryGet(i++, out var record) ? record.Span : default, asOf);
    }

    /// <summary>Removes what begins with one of the prefixes, if the tier can go through its keys; a tier that fails has removed nothing. Throws only what the token says.</summary>
    internal async ValueTask<long> RemovePrefixesAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken)
    {
        if (Tier is not IPrefixTier swept) return 0;
        try
        {
            return await swept.RemovePrefixesAsync(prefixes, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            TierCounters.Add(ref Counters.Failures);
            return 0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DrainAsync(Options.WriteTimeout).ConfigureAwait(false);
        await Writer.DisposeAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        if (Options.IsOwned) await Tier.DisposeAsync().ConfigureAwait(false);
    }

    // Whoever loads now cannot be told from who comes too late.
    private TierPayloads Unasked(TierPayloads found)
    {
        for (int i = 0; i < found.Count && Tier.IsShared; i++) found.Stamped(i, TierStamp.Nothing);
        return found;
    }

    private void Count(TimeSpan took)
    {
        TierCounters.Add(ref Counters.Reads);
        TierCounters.Add(ref Counters.ReadTicks, took.Ticks);
    }

    // Some of the keys are asked for: their positions are others.
    private sealed class Renumbered(TierPayloads found, List<int> positions) : ITierReceiver
    {
        public System.Buffers.IBufferWriter<byte> Buffer(int index) => found.Buffer(positions[index]);

        public void Found(int index) => found.Found(positions[index]);

        public void Stamped(int index, TierStamp stamp) => found.Stamped(positions[index], stamp);
    }
}
