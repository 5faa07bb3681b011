using Larder.TestKit;
using Larder.Tests.Tiers;

namespace Larder.Tests.Coherence;

/// <summary>Two caches as of two processes, over one source.</summary>
public sealed class CoherenceTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly InProcessBus _bus = new();
    private readonly InMemoryTier _shared;
    private readonly InMemoryTier _own;
    private readonly IInvalidationChannel _channel;
    private readonly TieredShop _one;
    private readonly TieredShop _other;
    private string _truth = "old";

    public CoherenceTests()
    {
        _shared = new(timeProvider: _clock, name: "shared", isShared: true);
        _own = new(timeProvider: _clock, name: "own");
        _channel = _bus.Join();
        _one = Open(_bus.Join(), [new(_shared) { IsOwned = false }]);
        _other = Open(_channel, [new(_own) { IsOwned = false }, new(_shared) { IsOwned = false }]);
    }

    [Fact]
    public async Task What_one_writes_removes_or_clears_the_other_has_forgotten_when_the_call_ends()
    {
        foreach (var change in new Func<Task>[]
                 {
                     () => _one.Cache.SetAsync("a", _truth).AsTask(),
                     () => _one.Cache.RemoveAsync("a").AsTask(),
                     () => _one.Cache.InvalidateAsync("a").AsTask(),
                     () => _one.Cache.SetAbsentAsync("a").AsTask(),
                     () => _one.Cache.ClearAsync().AsTask(),
                 })
        {
            await _other.Cache.SetAsync("a", "old");
            _truth = $"new {Guid.NewGuid()}";
            await change();
            Assert.False(_other.Cache.Contains("a"));
            await _other.Settled();
            Assert.Equal(0, _own.Count);
        }

        Assert.Equal(5, _other.Cache.CoherenceStatistics.Heard);
    }

    [Fact]
    public async Task A_tag_removed_by_one_is_removed_from_the_other_and_nothing_else_is()
    {
        await _other.Cache.SetAsync("a", "old", tags: ["x"]);
        await _other.Cache.SetAsync("b", "stays", tags: ["y"]);
        await _other.Settled();
        await _one.Cache.RemoveByTagAsync("x");
        Assert.Equal((false, true), (_other.Cache.Contains("a"), _other.Cache.Contains("b")));
        Assert.Equal((1, 1), (_other.Cache.Statistics.TagRemovals, _other.Cache.CoherenceStatistics.Heard));
        _truth = "new";
        Assert.Equal("new", await _other.Cache.GetAsync("a"));
        Assert.Equal("new", await _one.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task A_load_with_a_tag_that_another_removes_meanwhile_is_not_kept_here_nor_in_the_shared_tier()
    {
        var gate = new TaskCompletionSource<Loaded<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _other.Answers = _ => new(gate.Task);
        var read = _other.Cache.GetAsync("a").AsTask();
        await _one.Cache.RemoveByTagAsync("x");
        gate.SetResult(new Loaded<string>("old") { Tags = ["x"] });
        Assert.Equal("old", await read);
        Assert.False(_other.Cache.Contains("a"));
        await _other.Settled();
        _truth = "new";
        Assert.Equal("new", await _one.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task Tags_that_could_not_be_told_are_told_when_the_link_is_back()
    {
        await using var third = Open(_bus.Join(), [new(new InMemoryTier(timeProvider: _clock))]);
        await third.Cache.SetAsync("a", "old", tags: ["x"]);
        await third.Cache.SetAsync("b", "stays");
        _bus.Cut(_channel);
        await _other.Cache.RemoveByTagAsync("x");
        Assert.Equal((1, true), (_other.Cache.CoherenceStatistics.Untold, third.Cache.Contains("a")));
        _bus.Mend(_channel);
        Assert.Equal((false, true, 0), (third.Cache.Contains("a"), third.Cache.Contains("b"), _other.Cache.CoherenceStatistics.Untold));
    }

    [Fact]
    public async Task A_process_does_not_evict_its_own_write_because_of_its_own_echo()
    {
        await _one.Cache.SetAsync("a", "mine");
        Assert.Equal("mine", _one.Cache.Peek("a").Value);
        Assert.Equal((1, 0), (_one.Cache.CoherenceStatistics.Told, _one.Cache.CoherenceStatistics.Heard));
    }

    [Fact]
    public async Task A_load_under_way_when_an_invalidation_arrives_is_not_kept()
    {
        var gate = new TaskCompletionSource<Loaded<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _other.Answers = _ => new(gate.Task);
        var read = _other.Cache.GetAsync("a").AsTask();
        await _one.Cache.RemoveAsync("a");
        gate.SetResult("old");
        Assert.Equal("old", await read);
        Assert.False(_other.Cache.Contains("a"));
        await _other.Settled();
        Assert.Equal((0, 0), (_own.Count, _shared.Count));
    }

    [Fact]
    public async Task Without_a_link_nothing_is_kept_and_when_it_is_back_nothing_old_survives()
    {
        await _other.Cache.SetAsync("a", "old");
        _bus.Cut(_channel);
        Assert.False(_other.Cache.Contains("a"));
        _truth = "new";
        await _one.Cache.SetAsync("a", _truth);
        Assert.Equal("new", await _other.Cache.GetAsync("a"));
        _truth = "newer";
        await _one.Cache.SetAsync("a", _truth);
        Assert.Equal("newer", await _other.Cache.GetAsync("a"));
        Assert.False(_other.Cache.Contains("a"));
        _bus.Mend(_channel);
        Assert.Equal("newer", await _other.Cache.GetAsync("a"));
        Assert.True(_other.Cache.Contains("a"));
        Assert.Equal((true, 1), (_other.Cache.CoherenceStatistics.IsLinked, _other.Cache.CoherenceStatistics.Losses));
    }

    [Fact]
    public async Task What_could_not_be_told_is_told_when_the_link_is_back()
    {
        await using var third = Open(_bus.Join(), [new(new InMemoryTier(timeProvider: _clock))]);
        await third.Cache.SetAsync("a", "old");
        _bus.Cut(_channel);
        await _other.Cache.RemoveAsync("a");
        Assert.Equal(1, _other.Cache.CoherenceStatistics.Untold);
        Assert.True(third.Cache.Contains("a"));
        _bus.Mend(_channel);
        Assert.False(third.Cache.Contains("a"));
        Assert.Equal(0, _other.Cache.CoherenceStatistics.Untold);
    }

    [Fact]
    public async Task When_too_much_could_not_be_told_the_others_forget_everything()
    {
        var channel = _bus.Join();
        await using var talker = Open(channel, [], coherence => coherence with { MaxUntold = 3 });
        await _other.Cache.SetAsync("untouched", "x");
        _bus.Cut(channel);
        for (int i = 0; i < 5; i++) await talker.Cache.RemoveAsync($"{i}");
        _bus.Mend(channel);
        Assert.False(_other.Cache.Contains("untouched"));
    }

    [Fact]
    public async Task With_patience_what_was_there_is_served_for_so_long_and_no_longer()
    {
        var channel = _bus.Join();
        await using var patient = Open(channel, [], static coherence => coherence with { KeptWithoutLink = TimeSpan.FromSeconds(3) });
        await patient.Cache.SetAsync("a", "old");
        _bus.Cut(channel);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(patient.Cache.Contains("a"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(patient.Cache.Contains("a"));
        await patient.Cache.SetAsync("a", "not kept");
        Assert.False(patient.Cache.Contains("a"));

        _bus.Mend(channel);
        await patient.Cache.SetAsync("a", "kept");
        _bus.Cut(channel);
        _bus.Mend(channel);
        Assert.False(patient.Cache.Contains("a"));
    }

    [Fact]
    public async Task With_patience_for_stale_values_what_was_there_is_served_and_refreshed_again_and_again()
    {
        var channel = _bus.Join();
        await using var patient = Open(channel, [], static coherence => coherence with { KeptWithoutLink = TimeSpan.FromSeconds(5), StaleWithoutLink = true });
        await patient.Cache.SetAsync("a", "old");
        _bus.Cut(channel);
        _truth = "new";
        Assert.Equal("old", await patient.Cache.GetAsync("a"));
        await Until(() => patient.Cache.Peek("a").Value == "new");
        _truth = "newer";
        int calls = patient.Calls;
        Assert.Equal("new", await patient.Cache.GetAsync("a")); // Not more often than once a second.
        Assert.Equal(calls, patient.Calls);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await patient.Cache.GetAsync("a"));
        await Until(() => patient.Cache.Peek("a").Value == "newer");
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(patient.Cache.Contains("a"));

        _bus.Mend(channel);
        await patient.Cache.SetAsync("a", "kept");
        _clock.Advance(TimeSpan.FromSeconds(2));
        calls = patient.Calls;
        Assert.Equal("kept", await patient.Cache.GetAsync("a"));
        Assert.Equal(calls, patient.Calls);
    }

    [Fact]
    public async Task What_could_not_be_told_though_there_is_a_link_is_told_soon()
    {
        var channel = new Hesitant(_bus.Join()) { Refuses = true };
        await using var talker = Open(channel, []);
        await _other.Cache.SetAsync("a", "old");
        await talker.Cache.RemoveAsync("a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, talker.Cache.CoherenceStatistics.Untold);
        Assert.True(_other.Cache.Contains("a"));
        channel.Refuses = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_other.Cache.Contains("a"));
        Assert.Equal((true, 0), (talker.Cache.CoherenceStatistics.IsLinked, talker.Cache.CoherenceStatistics.Untold));
    }

    [Fact]
    public async Task What_was_loaded_before_another_wrote_does_not_take_its_place_in_the_shared_tier()
    {
        // One that hears nothing, and may go on for a while: as if the word were still on its way.
        var channel = _bus.Join();
        await using var slow = Open(channel, [new(_shared) { IsOwned = false }], static coherence => coherence with { KeptWithoutLink = TimeSpan.FromHours(1) });
        _bus.Cut(channel);
        foreach (var change in new Func<Task>[] { () => _one.Cache.SetAsync("a", "newer").AsTask(), () => _one.Cache.RemoveAsync("a").AsTask(), () => _one.Cache.ClearAsync().AsTask() })
        {
            var gate = new TaskCompletionSource<Loaded<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
            slow.Answers = _ => new(gate.Task);
            int calls = slow.Calls;
            var read = slow.Cache.GetAsync("a").AsTask();
            await Until(() => slow.Calls > calls);
            await change();
            gate.SetResult("older");
            Assert.Equal("older", await read);
            await slow.Settled();
            _truth = "newer";
            Assert.Equal("newer", await _other.Cache.GetAsync("a"));
            await _one.Cache.ClearAsync();
            await slow.Cache.RemoveAsync("a");
        }
    }

    [Fact]
    public async Task A_write_that_a_shared_tier_takes_late_gives_way_to_what_others_wrote_or_removed_since()
    {
        var flaky = new FlakyTier(_shared, seed: 1, failing: 0, slow: 0) { IsDown = true };
        await using var cutOff = Open(_bus.Join(), [new(flaky) { IsOwned = false }]);
        await cutOff.Cache.SetAsync("a", "older");
        await cutOff.Cache.SetAsync("b", "older");
        await cutOff.Cache.SetAsync("c", "alone");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _one.Cache.SetAsync("a", "newer");
        await _one.Cache.RemoveAsync("b");
        flaky.IsDown = false;
        await cutOff.Recovered();
        _truth = "newest";
        Assert.Equal("newer", await _other.Cache.GetAsync("a"));
        Assert.Equal("newest", await _other.Cache.GetAsync("b"));
        Assert.Equal("alone", await _other.Cache.GetAsync("c"));
    }

    [Fact]
    public async Task A_channel_that_cannot_be_listened_to_leaves_a_cache_that_keeps_nothing()
    {
        var channel = _bus.Join();
        await channel.ListenAsync(new Deaf());
        await using var shop = Open(channel, []);
        Assert.Equal("old", await shop.Cache.GetAsync("a"));
        Assert.False(shop.Cache.Contains("a"));
        Assert.False(shop.Cache.CoherenceStatistics.IsLinked);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
    }

    private static async Task Until(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds()) await Task.Delay(1, patience.Token);
    }

    private TieredShop Open(IInvalidationChannel channel, IReadOnlyList<TierOptions> tiers, Func<CoherenceOptions, CoherenceOptions>? change = null)
    {
        var coherence = new CoherenceOptions(channel);
        return new(tiers, _clock, options => options with { Coherence = change?.Invoke(coherence) ?? coherence }) { Answers = _ => new(_truth) };
    }

    private sealed class Hesitant(IInvalidationChannel channel) : IInvalidationChannel
    {
        public bool Refuses { get; set; }

        public string Name => channel.Name;

        public bool HearsTierWrites => channel.HearsTierWrites;

        public ValueTask ListenAsync(IInvalidationReceiver receiver, CancellationToken cancellationToken = default) => channel.ListenAsync(receiver, cancellationToken);

        public ValueTask PublishAsync(Invalidation invalidation, CancellationToken cancellationToken = default) =>
            Refuses ? throw new TimeoutException("Not now.") : channel.PublishAsync(invalidation, cancellationToken);

        public ValueTask DisposeAsync() => channel.DisposeAsync();
    }

    private sealed class Deaf : IInvalidationReceiver
    {
        public void Invalidated(in Invalidation invalidation)
        {
        }

        public void LinkLost()
        {
        }

        public void LinkRestored()
        {
        }
    }
}
