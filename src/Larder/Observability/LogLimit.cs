namespace Larder.Observability;

/// <summary>Lets something be said that could be said again and again: once a minute at most.</summary>
internal sealed class LogLimit(TimeProvider time)
{
    private const int Seconds = 60;

    private long _next = long.MinValue; // By the clock's timestamp. Exchanged.

    internal bool MaySay()
    {
        long now = time.GetTimestamp(), next = Volatile.Read(ref _next);
        return now >= next && Interlocked.CompareExchange(ref _next, now + (time.TimestampFrequency * Seconds), next) == next;
    }
}
