using Larder.TestKit;
using Larder.Tests.Tiers;

namespace Larder.Tests.Coherence;

/// <summary>What is true of a cache whose link or shared tier has been away.</summary>
public sealed class RestoredTests
{
    private readonly InProcessBus _bus = new();

    [Fact]
    public async Task A_link_counts_as_up_only_when_what_was_there_is_gone_so_that_what_is_loaded_then_is_kept()
    {
        var clock = new HookedClock();
        var channel = _bus.Join();
        await using var cache = new LoadingCache<string, string>(static (key, _) => new($"loaded {key}"), new()
        {
            Name = "restored",
            Memory = new() { TimeProvider = clock },
            Coherence = new(channel),
        });
        _bus.Cut(channel);

        // Memory is cleared by the clock: it is asked in between.
        List<bool> said = [];
        clock.Asked = () => said.Add(cache.CoherenceStatistics.IsLinked);
        _bus.Mend(channel);
        clock.Asked = null;
        Assert.NotEmpty(said);
        Assert.DoesNotContain(true, said);
        Assert.True(cache.CoherenceStatistics.IsLinked);
        await cache.GetAsync("a");
        Assert.True(cache.Contains("a"));
    }

    [Fact]
    public async Task What_is_loaded_while_a_shared_tier_could_not_be_asked_is_not_written_there_for_it_may_have_been_cleared_meanwhile()
    {
        var clock = new FakeClock();
        await using var shared = new InMemoryTier(timeProvider: clock, name: "shared", isShared: true);
        var flaky = new FlakyTier(shared, seed: 1, failing: 0, slow: 0) { IsDown = true };
        await using var shop = new TieredShop([new(flaky) { IsOwned = false }], clock);
        var gate = new TaskCompletionSource<Loaded<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        shop.Answers = _ => new(gate.Task);
        var read = shop.Cache.GetAsync("a").AsTask();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
            while (shop.Calls == 0) await Task.Delay(1, patience.Token);
        flaky.IsDown = false;
        await shared.ClearAsync();
        gate.SetResult("from before the clearing");
        Assert.Equal("from before the clearing", await read);
        await shop.Recovered();
        Assert.Equal(0, shared.Count);

        // What is loaded when it can be asked is.
        shop.Answers = static _ => new("newer");
        await shop.Cache.GetAsync("b");
        await shop.Settled();
        Assert.Equal(1, shared.Count);
    }

    private sealed class HookedClock : TimeProvider
    {
        public Action? Asked { get; set; }

        public override long GetTimestamp()
        {
            Asked?.Invoke();
            return base.GetTimestamp();
        }
    }
}
