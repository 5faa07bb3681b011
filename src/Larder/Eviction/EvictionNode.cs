namespace Larder;

/// <summary>
/// What an eviction policy sees of an entry: its place in a list, its weight, and what readers left on it. A policy
/// never sees the key, the value, a lock or a clock.
/// </summary>
/// <remarks>
/// Everything here but the mark is guarded by the lock under which the policy is called. The mark is written by
/// readers without any lock; a lost write costs a policy one use of one entry.
/// </remarks>
public abstract class EvictionNode
{
    // The next entry of its bucket in the hash table, which alone writes it and knows its type. Here, so that all that a hit reads
    // of an entry lies together behind all that it does not. Read without any lock.
    internal EvictionNode? Link;

    // Where it is in the list that holds it, and in the timing wheel, which knows more of the node than a policy does; zero for
    // in none. Written by the chains alone.
    internal int ListPlace;
    internal int WheelPlace;

    /// <summary>Whether a list holds it.</summary>
    internal bool IsListed => ListPlace != 0;

    // Readers' mark, in one byte so that a hit costs one compare: `Mark < limit` means "there is something to do".
    //   0 … 124      uses since the policy last looked, saturating at the policy's UsesWanted
    //   Unrecorded   the policy asked for each use, and none is on its way to it
    //   Recorded     the policy asked for each use, and one is on its way to it
    //   below −1     one of these, of an entry that is watched, which is never full: see PlainMark
    internal sbyte Mark;

    internal const sbyte Unrecorded = -1;
    internal const sbyte Recorded = sbyte.MaxValue;

    // Below these, downwards: the uses of a watched entry. There is no room for more than 124.
    private const sbyte WatchedUnrecorded = -2;
    private const sbyte WatchedRecorded = -3;
    private const sbyte WatchedUnused = -4;
    internal const sbyte MostUses = WatchedUnused - sbyte.MinValue;

    internal EvictionNode(int hash) => Hash = hash;

    /// <summary>
    /// The key's hash. Equal keys have equal hashes; the reverse need not hold. Numbers near one another have hashes near one
    /// another: mix it before you take some of its bits.
    /// </summary>
    public int Hash { get; }

    /// <summary>For the policy alone: which of its lists holds the node. Zero when the node arrives.</summary>
    public byte Segment { get; set; }

    /// <summary>For the policy alone: a small number of its own. Zero when the node arrives.</summary>
    public ushort Count { get; set; }

    /// <summary>What the entry takes of the capacity: 1 unless the cache weighs its entries. Constant while the node is held.</summary>
    public virtual long Weight => 1;

    /// <summary>
    /// Asks that each use of this entry be reported through <see cref="IEvictionPolicy.OnTouch"/>, in order, rather than
    /// counted. Set it in <see cref="IEvictionPolicy.OnAdd"/>. Uses that follow one another before the policy hears of
    /// the first are reported as one, and a use that finds the report buffer full is not reported, but still shows in
    /// <see cref="TakeUses"/>.
    /// </summary>
    public bool RecordsUses
    {
        get => PlainMark is Unrecorded or Recorded;
        set => PlainMark = value ? Unrecorded : (sbyte)0;
    }

    /// <summary>Whether somebody besides the policy is told of each use. The policy does not notice: it counts and records as it does otherwise.</summary>
    internal bool IsWatched => Mark < Unrecorded;

    /// <summary>Says whether somebody is to be told of each use. Without the lock too: what others write to the mark meanwhile is not undone.</summary>
    internal void Watch(bool isWanted)
    {
        for (sbyte mark = Mark; isWanted != mark < Unrecorded;)
        {
            sbyte met = Interlocked.CompareExchange(ref Mark, isWanted ? Watched(mark) : Plain(mark), mark);
            if (met == mark) return;
            mark = met;
        }
    }

    /// <summary>The mark as it would be if the entry were not watched.</summary>
    internal sbyte PlainMark
    {
        get => Plain(Mark);
        set => Mark = IsWatched ? Watched(value) : value;
    }

    /// <summary>Returns how often the entry was used since the last call, up to <see cref="IEvictionPolicy.UsesWanted"/>, and forgets it.</summary>
    public int TakeUses()
    {
        sbyte mark = PlainMark;
        if (mark <= 0) return 0;
        if (mark == Recorded)
        {
            PlainMark = Unrecorded;
            return 1;
        }

        PlainMark = 0;
        return mark;
    }

    private static sbyte Plain(sbyte mark) => mark switch
    {
        >= Unrecorded => mark,
        WatchedUnrecorded => Unrecorded,
        WatchedRecorded => Recorded,
        _ => (sbyte)(WatchedUnused - mark),
    };

    private static sbyte Watched(sbyte mark) => mark switch
    {
        Unrecorded => WatchedUnrecorded,
        Recorded => WatchedRecorded,
        _ => (sbyte)(WatchedUnused - Math.Min(mark, MostUses)),
    };
}
