using Larder.TestKit;
using Larder.Tests.Tiers;

namespace Larder.Tests.Coherence;

public sealed class HostileLeaseTests : ILoadLeases, ILoadLease
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly FakeClock _clock = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously), _givenBack = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<IReadOnlyList<ILoadLease?>> _leases = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Fence => 1;

    [Fact]
    public async Task A_lease_that_comes_when_nobody_waits_for_it_any_more_is_given_back()
    {
        await using var shop = Open();
        var read = shop.Cache.GetAsync("a").AsTask();
        await _asked.Task.WaitAsync(_patience);
        _clock.Advance(shop.Cache.Options.Coherence!.LeaseDuration);
        Assert.Equal("new a", await read.WaitAsync(_patience));
        _leases.SetResult([this]);
        await _givenBack.Task.WaitAsync(_patience);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Leases_that_answer_for_other_keys_than_they_were_asked_for_hold_up_nobody(int answers)
    {
        await using var shop = Open();
        _leases.SetResult(new ILoadLease?[answers]);
        Assert.Equal("new a", await shop.Cache.GetAsync("a").AsTask().WaitAsync(_patience));
    }

    public ValueTask<IReadOnlyList<ILoadLease?>> AcquireAsync(IReadOnlyList<TierKey> keys, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        _asked.TrySetResult();
        return new(_leases.Task);
    }

    public ValueTask WaitAsync(TierKey key, CancellationToken cancellationToken = default) => default;

    public ValueTask DisposeAsync()
    {
        _givenBack.TrySetResult();
        return default;
    }

    private TieredShop Open() => new([new(new InMemoryTier(timeProvider: _clock, isShared: true))], _clock, o => o with { Coherence = new(new InProcessBus().Join()) { Leases = this } });
}
