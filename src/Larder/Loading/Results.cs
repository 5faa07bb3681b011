using System.Runtime.ExceptionServices;
using Larder.Expiry;
using Larder.Memory;
using Larder.Observability;

namespace Larder.Loading;

/// <summary>Turns what a read came to into what its caller gets.</summary>
internal readonly struct Results<TKey, TValue>(Loads<TKey, TValue> loads) where TKey : notnull
{
    internal ValueTask<TValue?> Value(in Reading<TKey, TValue> reading)
    {
        if (reading.Source is Waiter<TKey, TValue> waiter) return new(waiter, waiter.Version);
        try
        {
            if (reading.Source is LoadFlight<TKey, TValue> flight) return new(Value(Met(flight, reading)));
            if (reading.Source is Entry<TKey, Kept<TValue>> { IsAbsent: false } entry) return new(loads.ForReader(entry.Value.Value));
            return reading.Error is null ? default : ValueTask.FromException<TValue?>(reading.Error);
        }
        catch (OperationCanceledException error) when (error.CancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TValue?>(error.CancellationToken);
        }
        catch (Exception error)
        {
            return ValueTask.FromException<TValue?>(error);
        }
    }

    internal ValueTask<CacheResult<TValue>> Result(in Reading<TKey, TValue> reading)
    {
        if (reading.Source is Waiter<TKey, TValue> waiter) return new(waiter, waiter.Version);
        try
        {
            if (reading.Source is LoadFlight<TKey, TValue> flight) return new(Result(Met(flight, reading), reading.IsJoined));
            if (reading.Source is Entry<TKey, Kept<TValue>> entry) return new(Of(entry, reading.Status, error: reading.Error));
            return reading.Error is null ? new(new CacheResult<TValue> { Status = reading.Status }) : ValueTask.FromException<CacheResult<TValue>>(reading.Error);
        }
        catch (Exception error)
        {
            return ValueTask.FromException<CacheResult<TValue>>(error);
        }
    }

    /// <summary>What the flight, which is over, brought. Throws what it threw.</summary>
    internal TValue? Value(LoadFlight<TKey, TValue> flight)
    {
        ref readonly var verdict = ref flight.Verdict;
        if (verdict.Answer == Answer.Error) ExceptionDispatchInfo.Throw(verdict.Error!);
        if (verdict.Answer == Answer.Old) Interlocked.Increment(ref loads.Counters.Fallbacks);
        return verdict.Entry is { } entry ? loads.ForReader(entry.Value.Value) : default;
    }

    internal CacheResult<TValue> Result(LoadFlight<TKey, TValue> flight, bool isJoined)
    {
        ref readonly var verdict = ref flight.Verdict;
        if (verdict.Answer == Answer.Error) ExceptionDispatchInfo.Throw(verdict.Error!);
        if (verdict.Answer == Answer.Nothing) return new() { Status = flight.Met, IsJoined = isJoined };
        if (verdict.Answer == Answer.Absence) return new() { Status = ReadStatus.Absent, IsJoined = isJoined, Tier = flight.Below?.Found?.Tier };
        if (verdict.Answer == Answer.Loaded && flight.Below?.Found is { } found)
            return Of(verdict.Entry!, found.Life.Fresh > 0 ? ReadStatus.Hit : ReadStatus.Stale, isJoined) with { Tier = found.Tier };
        if (verdict.Answer == Answer.Loaded) return Of(verdict.Entry!, flight.Met, isJoined);
        Interlocked.Increment(ref loads.Counters.Fallbacks);
        return Of(verdict.Entry!, ReadStatus.Fallback, isJoined, verdict.Error);
    }

    /// <summary>What a reader gets that would wait no longer for the flight.</summary>
    internal TValue FallbackValue(LoadFlight<TKey, TValue> flight)
    {
        Interlocked.Increment(ref loads.Counters.Fallbacks);
        return loads.ForReader(flight.Old!.Value.Value);
    }

    internal CacheResult<TValue> FallbackResult(LoadFlight<TKey, TValue> flight, bool isJoined)
    {
        Interlocked.Increment(ref loads.Counters.Fallbacks);
        return Of(flight.Old!, ReadStatus.Fallback, isJoined);
    }

    internal CacheResult<TValue> Of(Entry<TKey, Kept<TValue>> entry, ReadStatus status, bool isJoined = false, Exception? error = null)
    {
        long now = loads.Core.Now;
        ref readonly var kept = ref entry.Value;
        return new()
        {
            Value = entry.IsAbsent ? default : loads.ForReader(kept.Value),
            HasValue = !entry.IsAbsent,
            Status = status,
            IsJoined = isJoined,
            Tier = status is ReadStatus.Miss or ReadStatus.Expired ? null : CacheResult<TValue>.MemoryTier,
            Age = TimeSpan.FromTicks(Math.Max(0, now - kept.WrittenAt)),
            FreshFor = Until(kept.FreshUntil, now),
            ServedFor = Until(kept.StaleUntil, now),
            KeptFor = Until(entry.ExpiresAt, now),
            LoadTime = kept.LoadTime,
            Version = kept.Version,
            Error = error,
        };
    }

    private static LoadFlight<TKey, TValue> Met(LoadFlight<TKey, TValue> flight, in Reading<TKey, TValue> reading)
    {
        if (reading.IsJoined) Traces.LinkHere(flight.Trace?.Activity);
        return flight;
    }

    private static TimeSpan Until(long instant, long now) =>
        instant == TimedNode.Never ? TimeSpan.MaxValue : TimeSpan.FromTicks(Math.Max(0, instant - now));
}
