using System.Diagnostics;

namespace Larder.Memory;

/// <summary>
/// Monotonic time for the hit path, in ticks of 100 ns since the process began to count: one load of a static field,
/// where the system's clock costs more than the whole of a hit.
/// </summary>
/// <remarks>The time is that of the last <see cref="Advance"/>: behind the true time, never ahead of it.</remarks>
internal static class CoarseClock
{
    /// <summary>How far behind the true time the clock may be while it is kept, scheduling aside.</summary>
    internal static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(10);

    private static readonly long _origin = Stopwatch.GetTimestamp();

    private static long _now;

    internal static long Now => Volatile.Read(ref _now);

    /// <summary>Reads the system's clock. Called by the heartbeat, and by whoever starts it.</summary>
    internal static void Advance()
    {
        long now = Stopwatch.GetElapsedTime(_origin).Ticks;
        long seen = Now;
        while (now > seen)
        {
            long found = Interlocked.CompareExchange(ref _now, now, seen);
            if (found == seen) return;
            seen = found;
        }
    }
}
