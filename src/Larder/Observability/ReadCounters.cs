namespace Larder.Observability;

/// <summary>
/// Counts reads exactly and almost for free: each thread adds to cells of its own, without an interlocked instruction or
/// a line that two cores share, and whoever asks adds the cells up.
/// </summary>
/// <remarks>
/// Every cache leases a slot of <see cref="Kinds"/> cells in the arrays of all threads. A thread's cells outlive the
/// thread (they are folded into a retired sum), and a slot is leased again only after its cache is gone; the new lease
/// starts from what the cells held then.
/// </remarks>
internal sealed class ReadCounters
{
    internal const int Hits = 0;
    internal const int Misses = 1;
    internal const int AbsentHits = 2;
    private const int Kinds = 4;

    // Room before the first cell, so that two threads' cells never share a line however the heap lays them out.
    private const int Padding = 16;

    [ThreadStatic]
    private static long[]? _cells;

    [ThreadStatic]
    private static ThreadCells? _owner;

    private readonly int _first;
    private readonly long[] _baseline = new long[Kinds];

    internal ReadCounters()
    {
        int slot = Registry.Lease();
        _first = Padding + slot * Kinds;
        Reset();
    }

    ~ReadCounters() => Registry.Return((_first - Padding) / Kinds);

    internal void Add(int kind)
    {
        var cells = _cells;
        int at = _first + kind;
        if (cells is not null && (uint)at < (uint)cells.Length) cells[at]++;
        else AddSlowly(at);
    }

    internal long Sum(int kind) => Registry.Sum(_first + kind) - Volatile.Read(ref _baseline[kind]);

    internal void Reset()
    {
        for (int kind = 0; kind < Kinds; kind++) Volatile.Write(ref _baseline[kind], Registry.Sum(_first + kind));
    }

    private static void AddSlowly(int at)
    {
        _owner ??= new ThreadCells();
        _cells = _owner.Grow(at + Kinds);
        _cells[at]++;
    }

    /// <summary>The cells of one thread, which alone writes them. Dies with the thread and leaves its counts behind.</summary>
    private sealed class ThreadCells
    {
        internal long[] Cells = [];

        internal ThreadCells() => Registry.Add(this);

        ~ThreadCells() => Registry.Retire(Cells);

        internal long[] Grow(int atLeast)
        {
            var larger = new long[Math.Max(atLeast, Cells.Length * 2) + Padding];
            Registry.Replace(Cells, larger, this);
            return larger;
        }
    }

    private static class Registry
    {
        private static readonly Lock Gate = new();

        // All guarded by Gate. The arrays are held, not their owners, so that an owner is finalized when its thread ends.
        private static readonly List<long[]> Live = [];
        private static readonly Stack<int> Free = new();
        private static long[] _retired = [];
        private static int _leased;

        internal static int Lease()
        {
            lock (Gate) return Free.TryPop(out int slot) ? slot : _leased++;
        }

        internal static void Return(int slot)
        {
            lock (Gate) Free.Push(slot);
        }

        internal static void Add(ThreadCells owner)
        {
            lock (Gate) Live.Add(owner.Cells);
        }

        internal static void Replace(long[] cells, long[] larger, ThreadCells owner)
        {
            lock (Gate)
            {
                cells.CopyTo(larger, 0);
                owner.Cells = larger;
                Live[IndexOf(cells)] = larger;
            }
        }

        internal static void Retire(long[] cells)
        {
            lock (Gate)
            {
                if (_retired.Length < cells.Length) Array.Resize(ref _retired, cells.Length);
                for (int i = 0; i < cells.Length; i++) _retired[i] += cells[i];
                Live.RemoveAt(IndexOf(cells));
            }
        }

        internal static long Sum(int at)
        {
            lock (Gate)
            {
                long sum = at < _retired.Length ? _retired[at] : 0;
                foreach (var cells in Live)
                    if (at < cells.Length) sum += Volatile.Read(ref cells[at]);
                return sum;
            }
        }

        private static int IndexOf(long[] cells) => Live.FindIndex(c => ReferenceEquals(c, cells));
    }
}
