using Larder.TestKit;
using Larder.Tests.Tiers;

namespace Larder.Tests.Coherence;

/// <summary>What a cache is asked to remove by the beginning of its keys.</summary>
public sealed class RemoveByPrefixTests
{
    private static readonly string[] _keys = ["user/1", "user/2", "users", "shop/1"];

    [Fact]
    public async Task Goes_whatever_its_age_and_nothing_else_does()
    {
        var removed = new List<(string, RemovalCause)>();
        var shop = new TieredShop([], change: options => options with { Memory = options.Memory with { Removed = removal => removed.Add((removal.Key, removal.Cause)) } });
        foreach (string key in _keys) await shop.Cache.GetAsync(key);
        await shop.Cache.SetAbsentAsync("user/3");
        await shop.Cache.RemoveByPrefixAsync("user/");
        Assert.Equal([false, false, true, true], _keys.Select(key => shop.Cache.Contains(key)));
        Assert.Equal("new user/3", await shop.Cache.GetAsync("user/3"));
        await shop.DisposeAsync();
        Assert.Equal(["user/1", "user/2", "user/3"], removed.Where(static one => one.Item2 == RemovalCause.Invalidated).Select(static one => one.Item1).Order());
    }

    [Fact]
    public async Task Is_not_kept_if_it_was_being_loaded_and_what_else_was_being_loaded_is()
    {
        var clock = new FakeClock();
        await using var shop = new TieredShop([new(new InMemoryTier(timeProvider: clock))], clock);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        shop.Answers = async request =>
        {
            await gate.Task;
            return $"old {request.Key}";
        };
        Task<string?>[] reads = [shop.Cache.GetAsync("user/1").AsTask(), shop.Cache.GetAsync("shop/1").AsTask()];
        Assert.True(SpinWait.SpinUntil(() => shop.Calls == reads.Length, TimeSpan.FromSeconds(60)));
        await shop.Cache.RemoveByPrefixAsync("user/");
        gate.SetResult();
        Assert.Equal(["old user/1", "old shop/1"], (IEnumerable<string?>)await Task.WhenAll(reads));
        await shop.Settled();
        shop.Answers = static request => new($"new {request.Key}");
        Assert.Equal(("new user/1", "old shop/1"), (await shop.Cache.GetAsync("user/1"), await shop.Cache.GetAsync("shop/1")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_found_in_no_tier_nor_in_another_process_which_keeps_the_rest_in_memory(bool hasOwnFormat)
    {
        var clock = new FakeClock();
        await using var shared = new InMemoryTier(timeProvider: clock, isShared: true);
        var bus = new InProcessBus();
        TieredShop Process() => new([new(new InMemoryTier(timeProvider: clock)), new(shared) { IsOwned = false }], clock, options => options with
        {
            Coherence = new(bus.Join()),
            Payloads = new() { KeyFormat = hasOwnFormat ? KeyFormat.Of<string>("reversed", Reversed, Reversed) : null },
        });
        await using TieredShop here = Process(), there = Process();
        foreach (string key in _keys)
        {
            await here.Cache.GetAsync(key);
            await here.Settled();
            await there.Cache.GetAsync(key);
        }

        await there.Settled();
        Assert.Equal(0, there.Calls);
        await here.Cache.RemoveByPrefixAsync("user/");
        Assert.Equal([false, false, true, true], _keys.Select(key => here.Cache.Contains(key)));
        Assert.Equal([false, false, !hasOwnFormat, !hasOwnFormat], _keys.Select(key => there.Cache.Contains(key)));
        Assert.Equal((0, "new user/1"), (shared.Count, await there.Cache.GetAsync("user/1")));
        Assert.Equal(1, there.Calls);
    }

    [Fact]
    public async Task Has_a_beginning()
    {
        var shop = new TieredShop([]);
        await Assert.ThrowsAsync<ArgumentException>(async () => await shop.Cache.RemoveByPrefixAsync(""));
        await shop.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await shop.Cache.RemoveByPrefixAsync("user/"));
    }

    private static string Reversed(string text) => new([.. text.Reverse()]);
}
