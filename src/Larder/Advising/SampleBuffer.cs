namespace Larder.Advising;

/// <summary>What happens to keys of the sample, on its way to the study: up to a bound, then nothing is listened to until it has been looked at.</summary>
/// <remarks>
/// Who uses a cache pushes without waiting. Two that push at once have a place each; who is slow to fill it may find it looked at already, and what it says is lost.
/// A stretch of listening has no holes, but for that: what is heard is what happened, in order, between two counts of the cache's reads.
/// </remarks>
/// <param name="reads">Counts the cache's reads.</param>
internal sealed class SampleBuffer(Func<long> reads)
{
    internal const int Size = 8192;

    private readonly long[] _places = new long[Size];

    // How many places are taken; beyond the size there are none.
    private int _taken;

    private long _readsBefore = reads();

    // The reads when the last place was taken; below zero while there are places.
    private long _readsWhenFull = -1;

    internal void Push(int key, KeyEvent what)
    {
        if (Volatile.Read(ref _taken) >= Size) return;
        int place = Interlocked.Increment(ref _taken) - 1;
        if (place >= Size) return;
        Volatile.Write(ref _places[place], ((long)what << 32) | (uint)key);
        if (place == Size - 1) Volatile.Write(ref _readsWhenFull, reads());
    }

    /// <summary>Ends the stretch: hands out what was heard, and how many reads there were. Called by one thread at a time, and followed by <see cref="Open"/>.</summary>
    internal ReadOnlySpan<long> Close(out long readsMeanwhile)
    {
        int taken = Math.Min(Size, Interlocked.Exchange(ref _taken, Size));
        long full = Volatile.Read(ref _readsWhenFull);
        readsMeanwhile = (full >= 0 ? full : reads()) - _readsBefore;
        return _places.AsSpan(0, taken);
    }

    /// <summary>Listens again.</summary>
    internal void Open()
    {
        Array.Clear(_places);
        Volatile.Write(ref _readsWhenFull, -1);
        _readsBefore = reads();
        Volatile.Write(ref _taken, 0);
    }

    internal static (int Key, KeyEvent What) Read(long place) => ((int)place, (KeyEvent)(place >> 32));
}
