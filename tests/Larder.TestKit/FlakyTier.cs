namespace Larder.TestKit;

/// <summary>A tier that fails now and then, before or after it has done what it was asked, and takes its time; all at random, from a seed.</summary>
public sealed class FlakyTier(ICacheTier tier, int seed, double failing, double slow = 0.5) : ICacheTier
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed); // Guarded by _gate.
    private volatile bool _isDown;

    public string Name => "flaky";

    public bool IsShared => tier.IsShared;

    /// <summary>Whether every call fails.</summary>
    public bool IsDown { get => _isDown; set => _isDown = value; }

    public int Failures => _failures;

    private int _failures;

    public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default) =>
        Try(() => tier.GetAsync(keys, receiver, cancellationToken));

    public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default) => Try(() => tier.SetAsync(entries, cancellationToken));

    public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default) => Try(() => tier.RemoveAsync(keys, cancellationToken));

    public ValueTask ClearAsync(CancellationToken cancellationToken = default) => Try(() => tier.ClearAsync(cancellationToken));

    public ValueTask DisposeAsync() => tier.DisposeAsync();

    private async ValueTask Try(Func<ValueTask> call)
    {
        for (int i = Next(4); Chance(slow) && i >= 0; i--) await Task.Yield();
        if (IsDown || Chance(failing)) Fail();
        await call();
        for (int i = Next(4); Chance(slow) && i >= 0; i--) await Task.Yield();
        if (IsDown || Chance(failing)) Fail();
    }

    private void Fail()
    {
        Interlocked.Increment(ref _failures);
        throw new IOException("The tier failed, as it was told to.");
    }

    private bool Chance(double chance)
    {
        lock (_gate) return _random.NextDouble() < chance;
    }

    private int Next(int below)
    {
        lock (_gate) return _random.Next(below);
    }
}
