namespace Larder.Memory;

/// <summary>
/// Who waits for whom, over all caches, so that factories which call back into a cache and would wait for one another, or
/// for themselves, get an exception instead of waiting for ever.
/// </summary>
internal static class FlightWait
{
    // Guards every participant's WaitsFor. Taken only by threads that are about to wait anyway.
    private static readonly Lock _gate = new();

    [ThreadStatic]
    private static Participant? _self;

    internal interface ILed
    {
        Participant Leader { get; }
    }

    internal static Participant Self => _self ??= new();

    internal static void Begin(ILed flight, object key)
    {
        var self = Self;
        lock (_gate)
        {
            for (var next = flight; next is not null; next = next.Leader.WaitsFor)
            {
                if (next.Leader == self)
                    throw new InvalidOperationException($"The factory for key '{key}' asked the cache for a key that waits for this very factory. A factory may use other keys, but not in a circle.");
            }

            self.WaitsFor = flight;
        }
    }

    internal static void End()
    {
        lock (_gate) Self.WaitsFor = null;
    }

    /// <summary>A thread that leads or waits. It waits for one flight at most.</summary>
    internal sealed class Participant
    {
        internal ILed? WaitsFor;
    }
}
