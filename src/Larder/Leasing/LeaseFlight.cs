using Larder.Memory;

namespace Larder.Leasing;

/// <summary>One factory at work for one key. Holds what it brought until all who asked for it have leases of their own, so that none comes too late.</summary>
internal sealed class LeaseFlight<TValue> : Flight<Counted<TValue>> where TValue : class, IDisposable
{
    // The leader and those who wait. Raised under the shard's lock, and no more once the flight has stored what it brought
    // or was superseded; so it is zero once, when the last has left.
    private int _inside = 1;

    /// <summary>What the factory made, with a hold of the flight's. Written by the leader, before it tells anyone.</summary>
    internal Counted<TValue>? Brought { get; set; }

    /// <summary>One who asked has a lease, or an exception.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _inside) == 0 && Brought is { } brought) brought.Holdings.LetGo(brought);
    }

    /// <summary>Whoever calls a factory for the key gets what the one at work brings, and is inside from then on.</summary>
    internal new readonly struct Maker : IClaimMaker
    {
        public bool MayShare(Claim claim)
        {
            if (claim is not LeaseFlight<TValue> flight) return false; // One that is awaited: a thread does not wait for that.
            Interlocked.Increment(ref flight._inside);
            return true;
        }

        public Claim Make() => new LeaseFlight<TValue>();
    }
}
