using System.Diagnostics;
using Larder.Observability;

namespace Larder.Tiers;

/// <summary>A write or a removal that a tier is to do.</summary>
internal sealed class TierChange(TierKey key, PooledBuffer? payload, DateTimeOffset until, TierStamp? over = null) : IDisposable
{
    private TaskCompletionSource? _tried;

    internal TierKey Key => key;

    /// <summary>What was going on when it was asked for, for the traces.</summary>
    internal Activity? Cause { get; } = Traces.Cause;

    /// <summary>What is to be written; null to remove the key. The change's own.</summary>
    internal PooledBuffer? Payload { get; private set; } = payload;

    internal DateTimeOffset Until => until;

    /// <summary>Whether the tier has failed while it waited: what the tier has of the key may be newer by now.</summary>
    internal bool IsLate { get; set; }

    /// <summary>Whether that has turned out to be so: then it is not done.</summary>
    internal bool IsOvertaken { get; set; }

    /// <summary>What it bears; none for what bears no tags.</summary>
    internal TagClaim Claim { get; init; }

    /// <summary>What the key must still have; null if it does not matter. Given for what was loaded, which was true some time ago.</summary>
    internal TierStamp? Over { get; private set; } = over;

    /// <summary>When it was asked for, by the clock's timestamp.</summary>
    internal long Asked { get; set; }

    internal int Bytes => Payload?.Length ?? 0;

    /// <summary>Ends when the tier has done it, or has failed to for the first time.</summary>
    internal Task Tried() => (_tried ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>This one takes the place of an earlier one of the key: whoever waits for that waits for this. Of two that were loaded, what the key must still have is the earlier's.</summary>
    internal void Replace(TierChange earlier)
    {
        if (Over is not null) Over = earlier.Over;
        _tried = earlier._tried;
        earlier._tried = null;
        earlier.Dispose();
    }

    /// <summary>The value is not written after all: the key is removed.</summary>
    internal void BecomeRemoval() => Dispose();

    internal void TellTried()
    {
        _tried?.TrySetResult();
        _tried = null;
    }

    public void Dispose()
    {
        Payload?.Dispose();
        Payload = null;
    }
}
