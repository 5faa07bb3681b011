using System.Diagnostics;

namespace Larder.Memory;

/// <summary>What users' factories did. Added to by all threads.</summary>
internal sealed class FactoryCounters
{
    private long _loads;
    private long _failures;
    private long _joins;
    private long _ticks;

    internal (long Loads, long Failures, long Joins, TimeSpan Time) Counted =>
        (Volatile.Read(ref _loads), Volatile.Read(ref _failures), Volatile.Read(ref _joins), Stopwatch.GetElapsedTime(0, Volatile.Read(ref _ticks)));

    internal void AddLoad() => Interlocked.Increment(ref _loads);

    internal void AddFailure() => Interlocked.Increment(ref _failures);

    internal void AddJoin() => Interlocked.Increment(ref _joins);

    internal void AddTimeSince(long began) => Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - began);

    internal void Reset()
    {
        Volatile.Write(ref _loads, 0);
        Volatile.Write(ref _failures, 0);
        Volatile.Write(ref _joins, 0);
        Volatile.Write(ref _ticks, 0);
    }
}
