using System.Runtime.CompilerServices;
using Larder.Memory;
using Larder.Observability;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>The short path of a read: a fresh value, or a stale one whose refresh is under way, none of whose tags has been removed since it was last judged.</summary>
internal static class ShortPath
{
    /// <summary>Counts and marks the entry if it may be served as it is. Else does nothing: the long path decides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryServe<TKey, TValue>(MemoryCore<TKey, Kept<TValue>> core, TagRemovals removals, Entry<TKey, Kept<TValue>> entry) where TKey : notnull
    {
        long now = CoarseClock.Now;
        ref readonly var kept = ref entry.Value;
        long next = Volatile.Read(in kept.NextRefresh);
        if (now >= next && !(now < ~next && Volatile.Read(in kept.JudgedAt) >= removals.Latest)) return false;
        ref long cell = ref core.Reads.OwnCell();
        if (Unsafe.IsNullRef(ref cell)) return false;
        if (now < kept.FreshUntil) ReadCounters.AddHit(ref cell);
        else if (now < kept.StaleUntil) ReadCounters.AddStaleHit(ref cell);
        else return false;
        core.MarkUsed(entry);
        return true;
    }
}
