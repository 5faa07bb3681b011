using Larder.TestKit;
using Larder.Tests.Tiers;

namespace Larder.Tests.Loading;

public sealed class DisposalTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_cannot_be_closed_keeps_nothing_else_open()
    {
        var clock = new FakeClock();
        var tier = new Closing(new InMemoryTier(timeProvider: clock));
        var shop = new TieredShop([new(tier)], clock, static o => o with { Coherence = new(new Unclosable()) });
        shop.Answers = static _ => new(new TaskCompletionSource<Loaded<string>>().Task);
        var read = shop.Cache.GetAsync("a").AsTask();
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.DisposeAsync().AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read.WaitAsync(_patience));
        Assert.True(tier.IsClosed);
    }

    private sealed class Unclosable : IInvalidationChannel
    {
        public string Name => "unclosable";

        public bool HearsTierWrites => false;

        public ValueTask ListenAsync(IInvalidationReceiver receiver, CancellationToken cancellationToken = default) => default;

        public ValueTask PublishAsync(Invalidation invalidation, CancellationToken cancellationToken = default) => default;

        public ValueTask DisposeAsync() => throw new TimeZoneNotFoundException();
    }

    private sealed class Closing(ICacheTier tier) : ICacheTier
    {
        public string Name => tier.Name;

        public bool IsShared => tier.IsShared;

        internal bool IsClosed { get; private set; }

        public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default) => tier.GetAsync(keys, receiver, cancellationToken);

        public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default) => tier.SetAsync(entries, cancellationToken);

        public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default) => tier.RemoveAsync(keys, cancellationToken);

        public ValueTask ClearAsync(CancellationToken cancellationToken = default) => tier.ClearAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            IsClosed = true;
            return tier.DisposeAsync();
        }
    }
}
