namespace Larder.Advising;

/// <summary>What happens to keys of the sample, on its way to the study: so much at most between two looks at it, and what comes beyond is not listened to.</summary>
/// <remarks>
/// Who uses a cache pushes without waiting, each to a place of its own; who is slow to fill it may find it looked at already, and what it says is lost. A page has no
/// holes but for that: what is on it is what happened, in order, between two counts of the cache's reads. While one page is looked at, another is written.
/// </remarks>
/// <param name="reads">Counts the cache's reads.</param>
internal sealed class SampleBuffer(Func<long> reads)
{
    internal const int Size = 8192;

    private Page _written = new(reads());
    private Page _looked = new(0);

    internal void Push(int key, KeyEvent what)
    {
        var page = Volatile.Read(ref _written);
        if (page.TryPush(((long)what << 32) | (uint)key, out bool isLast) && isLast) Volatile.Write(ref page.ReadsWhenFull, reads());
    }

    /// <summary>Begins another page and hands out what is on this one, and how many reads there were meanwhile. Called by one thread at a time.</summary>
    internal ReadOnlySpan<long> Turn(out long readsMeanwhile)
    {
        var page = _written;
        long now = reads();
        _looked.Begin(now);
        Volatile.Write(ref _written, _looked);
        _looked = page;
        long full = Volatile.Read(ref page.ReadsWhenFull);
        readsMeanwhile = (full >= 0 ? full : now) - page.ReadsBefore;
        return page.End();
    }

    internal static (int Key, KeyEvent What) Read(long place) => ((int)place, (KeyEvent)(place >> 32));

    private sealed class Page(long readsBefore)
    {
        private readonly long[] _places = new long[Size];

        // How many places are taken; beyond the size there are none.
        private int _taken;

        internal long ReadsBefore = readsBefore;

        // The reads when the last place was taken; below zero while there are places.
        internal long ReadsWhenFull = -1;

        internal bool TryPush(long place, out bool isLast)
        {
            isLast = false;
            if (Volatile.Read(ref _taken) >= Size) return false;
            int at = Interlocked.Increment(ref _taken) - 1;
            if (at >= Size) return false;
            Volatile.Write(ref _places[at], place);
            isLast = at == Size - 1;
            return true;
        }

        internal void Begin(long readsBefore)
        {
            Array.Clear(_places);
            ReadsBefore = readsBefore;
            Volatile.Write(ref ReadsWhenFull, -1);
            Volatile.Write(ref _taken, 0);
        }

        internal ReadOnlySpan<long> End() => _places.AsSpan(0, Math.Min(Size, Interlocked.Exchange(ref _taken, Size)));
    }
}
