using Larder.TestKit;

namespace Larder.Tests.Tiers;

public sealed class ClearTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_others_wrote_after_a_clear_had_reached_the_tier_goes_with_the_next_one(bool failsFirst)
    {
        var clock = new FakeClock();
        await using var store = new InMemoryTier(timeProvider: clock, isShared: true);
        await using var tier = new AnsweringLate(store) { Fails = failsFirst };
        await using var shop = new TieredShop([new(tier) { IsOwned = false, WriteTimeout = TimeSpan.FromHours(1) }], clock);
        await using var other = new TieredShop([new(store) { IsOwned = false }], clock);
        var first = shop.Cache.ClearAsync().AsTask();
        await tier.HasCleared.WaitAsync(TimeSpan.FromSeconds(30));
        await other.Cache.SetAsync("a", "theirs");
        Assert.Equal(1, store.Count);
        var next = shop.Cache.ClearAsync().AsTask();
        tier.Answer();
        await first;
        await next;
        await shop.Recovered();
        Assert.Equal(0, store.Count);
    }

    /// <summary>A tier whose first clear is done at once, and answered when a test says so; or then fails.</summary>
    private sealed class AnsweringLate(InMemoryTier store) : ICacheTier
    {
        private readonly TaskCompletionSource _cleared = new(TaskCreationOptions.RunContinuationsAsynchronously), _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "late";

        public bool IsShared => true;

        internal bool Fails { get; init; }

        internal Task HasCleared => _cleared.Task;

        internal void Answer() => _answer.TrySetResult();

        public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default) => store.GetAsync(keys, receiver, cancellationToken);

        public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default) => store.SetAsync(entries, cancellationToken);

        public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default) => store.RemoveAsync(keys, cancellationToken);

        public async ValueTask ClearAsync(CancellationToken cancellationToken = default)
        {
            await store.ClearAsync(cancellationToken);
            if (!_cleared.TrySetResult()) return;
            await _answer.Task;
            if (Fails) throw new IOException("The answer was lost.");
        }

        public ValueTask DisposeAsync() => default;
    }
}
