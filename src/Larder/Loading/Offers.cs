using Larder.Memory;

namespace Larder.Loading;

/// <summary>
/// Writes what was learnt some time ago, unless the key has been written or removed since: what a batch brought beside
/// what it was asked for, and what warms the cache.
/// </summary>
internal sealed class Offers<TKey, TValue>(Loads<TKey, TValue> loads) where TKey : notnull
{
    private const int Slots = 4096;

    // The number of the latest write or removal among the keys that share a slot. Two keys in one slot can only make an
    // offer be declined that might have been taken, which costs a load.
    private readonly long[] _touched = new long[Slots];

    /// <summary>
    /// The key is being written, by whomever, with an entry whose number has been taken. Called before it is, so that an offer
    /// which does not see this is superseded by that.
    /// </summary>
    internal void TouchWritten(int hash) => Volatile.Write(ref _touched[hash & (Slots - 1)], loads.Settlement.Version);

    /// <summary>As <see cref="TouchWritten"/>, for a key that is being removed, for which no number has been taken.</summary>
    internal void TouchRemoved(int hash) => Volatile.Write(ref _touched[hash & (Slots - 1)], loads.Settlement.NextVersion());

    /// <summary>As <see cref="TouchRemoved"/>, for all keys.</summary>
    internal void TouchAll()
    {
        long version = loads.Settlement.NextVersion();
        for (int i = 0; i < Slots; i++) Volatile.Write(ref _touched[i], version);
    }

    /// <summary>Writes the entry unless the key was written or removed after <paramref name="asOf"/>. Returns whether it did.</summary>
    internal bool TryPut(in NewEntry<TKey, Kept<TValue>> written, Lifetime? given, long asOf)
    {
        var core = loads.Core;
        var offer = new Offer();
        var seen = core.Find(written.Key, written.Hash);
        while (core.ShardOf(written.Hash).Enlist(written.Key, written.Hash, seen, offer, out var current, out _) is null) seen = current;
        if (Volatile.Read(ref _touched[written.Hash & (Slots - 1)]) > asOf)
        {
            core.ShardOf(written.Hash).Abandon(offer, written.Key);
            return false;
        }

        return loads.Changes.Commit(offer, written, given);
    }

    /// <summary>Writes the entry in place of <paramref name="seen"/>, if that is still what is there. Returns whether it did.</summary>
    internal bool TryReplace(Entry<TKey, Kept<TValue>> seen, in NewEntry<TKey, Kept<TValue>> written, Lifetime? given)
    {
        var offer = new Offer();
        return loads.Core.ShardOf(seen.Hash).Enlist(seen.Key, seen.Hash, seen, offer, out _, out _) is not null && loads.Changes.CommitWritten(offer, written, given);
    }

    // Nobody waits for it, and the loads under way know better.
    private sealed class Offer : Claim, IClaimMaker
    {
        internal override bool Yields => true;

        public bool MayShare(Claim claim) => false;

        public Claim Make() => this;
    }
}
