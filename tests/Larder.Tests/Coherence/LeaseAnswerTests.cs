using Larder.TestKit;

namespace Larder.Tests.Coherence;

public sealed class LeaseAnswerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Leases_that_answer_for_other_keys_than_they_were_asked_for_hold_up_nobody(int answers)
    {
        await using var cache = new LoadingCache<int, string>(static (key, _) => new($"loaded {key}"), new()
        {
            Memory = new() { TimeProvider = new FakeClock() },
            Tiers = [new TierOptions(new InMemoryTier(isShared: true))],
            Coherence = new(new InProcessBus().Join()) { Leases = new WrongLeases(answers) },
        });
        Assert.Equal("loaded 1", await cache.GetAsync(1).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private sealed class WrongLeases(int answers) : ILoadLeases
    {
        public ValueTask<IReadOnlyList<ILoadLease?>> AcquireAsync(IReadOnlyList<TierKey> keys, TimeSpan duration, CancellationToken cancellationToken = default) =>
            new(new ILoadLease?[answers]);

        public ValueTask WaitAsync(TierKey key, CancellationToken cancellationToken = default) => new(Task.Delay(Timeout.Infinite, cancellationToken));
    }
}
