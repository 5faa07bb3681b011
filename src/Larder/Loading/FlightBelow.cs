using System.Runtime.CompilerServices;
using Larder.Memory;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>What a load has found below memory, and what it holds there.</summary>
internal sealed class FlightBelow<TKey, TValue> where TKey : notnull
{
    // Behind one reference, for a timeout may ask for it while it is found.
    private volatile StrongBox<NewEntry<TKey, Kept<TValue>>>? _fallback;

    private ILoadLease? _lease; // Exchanged by who gives it back.

    /// <summary>The old value from a tier that is what the load falls back on: memory does not have it, or is not asked.</summary>
    internal NewEntry<TKey, Kept<TValue>>? Fallback
    {
        get => _fallback?.Value;
        set => _fallback = value is { } old ? new(old) : null;
    }

    /// <summary>What a tier had, if that ended the load.</summary>
    internal TierFind<TValue>? Found { get; set; }

    /// <summary>
    /// In which state each shared tier, by its level, had the key before the loader was asked; null for none, <see cref="TierStamp.Nothing"/> where it could not be asked.
    /// </summary>
    internal TierStamp?[]? Stamps { get; set; }

    /// <summary>The right to load alone in the cluster, given back when the tiers have what was loaded; null if it is not needed.</summary>
    internal ILoadLease? Lease
    {
        get => _lease;
        set => _lease = value;
    }

    /// <summary>Ends when the tiers have what was loaded; for those who have a lease.</summary>
    internal Task Written { get; set; } = Task.CompletedTask;

    /// <summary>The lease, for the first who asks: it is given back once.</summary>
    internal ILoadLease? TakeLease() => Interlocked.Exchange(ref _lease, null);
}
