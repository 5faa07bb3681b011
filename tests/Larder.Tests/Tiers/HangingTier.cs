namespace Larder.Tests.Tiers;

/// <summary>A tier that has nothing, and does not answer while it hangs: from the beginning, unless told otherwise, until it is let go.</summary>
internal sealed class HangingTier : ICacheTier
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => "hanging";

    public bool IsShared => false;

    public bool Hangs { get; set; } = true;

    public void Let() => _gate.TrySetResult();

    public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default) => Answer();

    public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default) => Answer();

    public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default) => Answer();

    public ValueTask ClearAsync(CancellationToken cancellationToken = default) => Answer();

    public ValueTask DisposeAsync()
    {
        Let();
        return default;
    }

    private ValueTask Answer() => Hangs ? new(_gate.Task) : default;
}
