using Larder.Memory;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>What a load has found below memory, and what it holds there.</summary>
internal sealed class FlightBelow<TKey, TValue> where TKey : notnull
{
    /// <summary>The old value from a tier that is what the load falls back on: memory does not have it, or is not asked.</summary>
    internal NewEntry<TKey, Kept<TValue>>? Fallback { get; set; }

    /// <summary>What a tier had, if that ended the load.</summary>
    internal TierFind<TValue>? Found { get; set; }

    /// <summary>
    /// In which state each shared tier, by its level, had the key before the loader was asked; null for none, <see cref="TierStamp.Nothing"/> where it could not be asked.
    /// </summary>
    internal TierStamp?[]? Stamps { get; set; }

    /// <summary>The right to load alone in the cluster, given back when the tiers have what was loaded; null if it is not needed.</summary>
    internal ILoadLease? Lease { get; set; }

    /// <summary>Ends when the tiers have what was loaded; for those who have a lease.</summary>
    internal Task Written { get; set; } = Task.CompletedTask;
}
