using Larder.Eviction;

namespace Larder.Expiry;

/// <summary>
/// Finds the entries whose time has come without looking at the others: a hierarchy of clock faces, the finest turning in
/// under a minute, the coarsest in days (Varghese and Lauck, SOSP 1987).
/// </summary>
/// <remarks>
/// An entry waits in the bucket of its deadline on the finest face that reaches so far. When time passes over a bucket of a
/// coarse face, its entries move to finer ones, and from the finest they expire. Scheduling, moving and removing take
/// constant time. A deadline that is put off does not move its entry: the entry is met at the old time and scheduled anew.
/// What has just come waits in <see cref="Arrivals"/> first.
/// Guarded by the lock of the shard that owns it.
/// </remarks>
internal sealed class TimingWheel
{
    // Per face: one bucket spans 2^shift ticks of 100 ns (0.84 s, 54 s, 57 min, 30 h, 5 days), and it has so many buckets.
    private static readonly int[] _shifts = [23, 29, 35, 40, 42];
    private static readonly int[] _sizes = [64, 64, 32, 4, 1];

    // The buckets, in no order within. Made when first needed: most faces stay empty.
    private readonly NodeChain<InWheel>?[][] _faces = Array.ConvertAll(_sizes, size => new NodeChain<InWheel>?[size]);

    // All buckets': by its place an entry is found without knowing in which of them it is.
    private readonly NodeChunks _chunks = new();

    private readonly Arrivals _arrivals = new();

    // The time up to which every bucket has been looked at. Entries whose deadline is not after it are gone, but for
    // those that a spent budget left behind, which _pending tells of.
    private long _time;

    // The time from which buckets may hold what a spent budget left behind. Invariant: _pending <= _time.
    private long _pending;

    internal TimingWheel(long now) => _time = _pending = now;

    /// <summary>How many entries the wheel holds.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether time has passed over a bucket since the last call of <see cref="CollectExpired"/>.</summary>
    internal bool IsDue(long now) => _pending >> _shifts[0] < now >> _shifts[0];

    /// <summary>Sees to it that the entry is met when its deadline comes. May be called again whenever the deadline has changed.</summary>
    internal void Schedule(TimedNode node, bool sooner)
    {
        long deadline = node.ExpiresAt;
        if (node.WheelPlace != 0)
        {
            // Later than it was: it will be met where it is, and put off then. Among the arrivals it will be met in any case.
            if (!sooner || (Arrivals.Holds(node) && deadline != TimedNode.Never)) return;
            Unlink(node);
        }
        else
        {
            if (deadline == TimedNode.Never) return;
            Count++;
        }

        if (deadline == TimedNode.Never)
        {
            Count--;
            return;
        }

        if (_arrivals.IsFull) SortArrivals();
        _arrivals.Add(node);
    }

    /// <summary>Takes the entry out, wherever it is.</summary>
    internal void Remove(TimedNode node)
    {
        if (node.WheelPlace == 0) return;
        Unlink(node);
        Count--;
    }

    /// <summary>Gives the place of one entry to another with the same key, and schedules it for its own deadline.</summary>
    internal void Replace(TimedNode node, TimedNode by)
    {
        Remove(node);
        Schedule(by, sooner: true);
    }

    /// <summary>
    /// Takes out entries whose deadline has come and adds them to <paramref name="expired"/>, moving or taking out at most
    /// <paramref name="budget"/>. Returns whether nothing is left to do. What comes due within the bucket of this very moment
    /// may wait until time has passed over it, unless <paramref name="exactly"/> is asked for, which looks through it.
    /// </summary>
    internal bool CollectExpired(long now, int budget, List<TimedNode> expired, bool exactly = false)
    {
        SortArrivals();
        if (now > _time) _time = now;
        for (int face = _faces.Length - 1; face >= 0; face--)
        {
            // A coarse bucket is emptied when time enters it, the finest when time has left it.
            long entered = _time >> _shifts[face], before = _pending >> _shifts[face];
            long first = face > 0 ? before + 1 : before, last = face > 0 || exactly ? entered : entered - 1;
            first = Math.Max(first, last - _sizes[face] + 1);
            for (long tick = first; tick <= last; tick++)
            {
                if (_faces[face][tick & (_sizes[face] - 1)] is { } bucket && !Drain(bucket, ref budget, expired)) return false;
            }
        }

        _pending = _time;
        return true;
    }

    private void SortArrivals()
    {
        foreach (var node in _arrivals.Nodes)
        {
            if (node is null) continue;
            node.WheelPlace = 0;
            BucketOf(node.ExpiresAt).AddNewest(node);
        }

        _arrivals.Clear();
    }

    private bool Drain(NodeChain<InWheel> bucket, ref int budget, List<TimedNode> expired)
    {
        for (var node = (TimedNode?)bucket.Oldest; node is not null;)
        {
            var next = (TimedNode?)bucket.NewerThan(node);
            long deadline = node.ExpiresAt;
            var target = deadline > _time && deadline != TimedNode.Never ? BucketOf(deadline) : null;
            if (target != bucket)
            {
                if (budget-- <= 0) return false;
                bucket.Remove(node);
                if (target is not null)
                {
                    target.AddNewest(node);
                }
                else
                {
                    Count--;
                    if (deadline != TimedNode.Never) expired.Add(node);
                }
            }

            node = next;
        }

        return true;
    }

    // The finest face on which the deadline's bucket is not the one of now, come round again.
    private NodeChain<InWheel> BucketOf(long deadline)
    {
        long at = Math.Max(deadline, _time);
        int face = 0;
        while (face < _shifts.Length - 1 && (at >> _shifts[face]) - (_time >> _shifts[face]) >= _sizes[face]) face++;
        ref var bucket = ref _faces[face][(at >> _shifts[face]) & (_sizes[face] - 1)];
        return bucket ??= new(_chunks);
    }

    private void Unlink(TimedNode node)
    {
        if (Arrivals.Holds(node)) _arrivals.Remove(node);
        else ((NodeChain<InWheel>)_chunks.Of(node.WheelPlace)!.Chain!).Remove(node);
    }

    private readonly struct InWheel : INodePlace
    {
        public static ref int Of(EvictionNode node) => ref node.WheelPlace;
    }
}
