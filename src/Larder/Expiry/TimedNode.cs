namespace Larder.Expiry;

/// <summary>An entry as the timing wheel sees it: a deadline, besides the place in one of the wheel's buckets.</summary>
internal abstract class TimedNode(int hash) : EvictionNode(hash)
{
    /// <summary>The deadline of what never expires.</summary>
    internal const long Never = long.MaxValue;

    // The first instant, in clock ticks, at which the entry is no longer alive: Never for one without a lifetime, and the
    // complement of the instant (so, below zero) for a remembered absence. One comparison, `now < Deadline`, then tells a
    // reader that there is a value and that it is alive. Written under the shard's lock, and by readers of entries that
    // live on by being used; read by anyone.
    internal long Deadline;

    /// <summary>Remembers that the source has no such key.</summary>
    internal bool IsAbsent => Volatile.Read(ref Deadline) < 0;

    /// <summary>The deadline of a value and of an absence alike.</summary>
    internal long ExpiresAt
    {
        get
        {
            long deadline = Volatile.Read(ref Deadline);
            return deadline < 0 ? ~deadline : deadline;
        }
    }
}
