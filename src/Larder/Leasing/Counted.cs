namespace Larder.Leasing;

/// <summary>A value, and how many hold it: the entries it is cached under, the flight that brought it, its leases. Who lets go last has it disposed.</summary>
internal sealed class Counted<TValue>(TValue value, Holdings<TValue> holdings) where TValue : class, IDisposable
{
    // Exchanged. Begins with the maker's hold; once it is zero it stays so, and whoever made it zero disposes the value.
    private int _holds = 1;

    internal TValue Value => value;

    internal Holdings<TValue> Holdings => holdings;

    /// <summary>One more holds it, unless nobody did any more.</summary>
    internal bool TryHold()
    {
        int holds = Volatile.Read(ref _holds);
        while (holds > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (seen == holds) return true;
            holds = seen;
        }

        return false;
    }

    /// <summary>A lease of it; null if nobody held it any more.</summary>
    internal Lease<TValue>? TryLease() => TryHold() ? new(this) : null;

    /// <summary>One fewer holds it. Returns whether that was the last, who is to have the value disposed.</summary>
    internal bool LetGo() => Interlocked.Decrement(ref _holds) == 0;
}
