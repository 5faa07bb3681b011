using Larder.TestKit;

namespace Larder.Tests.Tiers;

/// <summary>Calls that go past memory, the tiers, the loaders or other processes: what is skipped is neither asked nor changed.</summary>
public sealed class SkipTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly InMemoryTier _tier;
    private readonly TieredShop _shop;

    public SkipTests()
    {
        _tier = new(timeProvider: _clock);
        _shop = new([new(_tier) { IsOwned = false }], _clock);
    }

    private LoadingCache<string, string> Cache => _shop.Cache;

    [Fact]
    public async Task A_cache_that_is_switched_off_keeps_nothing_and_writes_to_its_source()
    {
        await using var tier = new InMemoryTier();
        Dictionary<int, string> source = new() { [1] = "one" };
        int loads = 0;
        var cache = new LoadingCache<int, string>(new()
        {
            Loaders = [Loader.For<int, string>((LoadRequest<int, string> request, CancellationToken _) =>
            {
                loads++;
                return new(source.TryGetValue(request.Key, out string? value) ? value : Loaded<string>.Absent);
            })],
            Writing = new(Writer.ForMany<int, string>((writes, _) =>
            {
                foreach (var write in writes) source[write.Key] = write.Value!;
                return default;
            })),
            Tiers = [new(tier) { IsOwned = false }],
        });
        await using ILoadingCache<int, string> off = cache.Skipping(Skip.Memory | Skip.Tiers);
        Assert.Equal(("one", "one"), (await off.GetAsync(1), await off.GetAsync(1)));
        await off.SetAsync(2, "two", Lifetime.Forever, ["tag"]);
        Assert.Equal(["one", "two"], (await off.GetManyAsync([1, 2, 3])).Values.Order());
        await off.SetAbsentAsync(1, Lifetime.Forever);
        Assert.Equal(ReadStatus.Absent, (await off.ReadAsync(3)).Status);
        Assert.Equal("one", await off.GetAsync(1));
        await off.RemoveByTagAsync("tag");
        Assert.False(await off.RemoveAsync(9));
        Assert.Equal((7, 0, "two"), (loads, cache.Count, source[2]));
        using var found = new TierPayloads(2);
        await tier.GetAsync([new("cache/0/i32/1"), new("cache/0/i32/2")], found);
        Assert.False(found.TryGet(0, out _) || found.TryGet(1, out _));
        await off.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => off.ReadAsync(1).AsTask());
    }

    [Fact]
    public async Task A_read_past_memory_takes_what_a_tier_has_and_memory_has_it_then()
    {
        await Cache.SetAsync("a", "old");
        await Elsewhere("a", "newer");
        Assert.Equal("old", (await Cache.ReadAsync("a")).Value);
        var read = await Cache.ReadAsync("a", Skip.MemoryRead);
        Assert.Equal(("newer", "memory-tier", ReadStatus.Hit, 0), (read.Value, read.Tier, read.Status, _shop.Calls));
        Assert.Equal("newer", Cache.Peek("a").Value);
        Assert.Equal("newer", (await Cache.ReadManyAsync(["a"], Skip.MemoryRead))["a"].Value);
    }

    [Fact]
    public async Task A_read_past_the_tiers_asks_the_loader_and_leaves_them_as_they_are()
    {
        await Elsewhere("a", "in the tier");
        var read = await Cache.ReadAsync("a", Skip.Tiers);
        Assert.Equal(("new a", null, 1), (read.Value, read.Tier, _shop.Calls));
        await _shop.Settled();
        Assert.Equal("in the tier", await InTier("a"));
        Assert.Equal("new a", Cache.Peek("a").Value);
    }

    [Fact]
    public async Task What_a_read_brings_does_not_go_where_it_is_skipped()
    {
        Assert.Equal("new a", (await Cache.ReadAsync("a", Skip.MemoryWrite)).Value);
        Assert.Equal("new b", (await Cache.ReadAsync("b", Skip.TierWrite)).Value);
        Assert.Equal("by call", (await Cache.ReadAsync("c", static (_, state, _) => new ValueTask<string>(state), "by call", Skip.MemoryWrite)).Value);
        await Cache.ReadManyAsync(["d", "e"], Skip.Memory);
        await _shop.Settled();
        Assert.Equal([false, true, false, false, false], new[] { "a", "b", "c", "d", "e" }.Select(key => Cache.Contains(key)));
        Assert.Equal("new a, , by call, new d, new e", string.Join(", ", await Task.WhenAll(new[] { "a", "b", "c", "d", "e" }.Select(InTier))));
    }

    [Fact]
    public async Task What_a_tier_has_does_not_go_into_memory_where_that_is_skipped()
    {
        await Elsewhere("a", "in the tier");
        Assert.Equal("in the tier", (await Cache.ReadAsync("a", Skip.MemoryWrite)).Value);
        Assert.False(Cache.Contains("a"));
    }

    [Fact]
    public async Task Past_the_loaders_what_nobody_has_is_a_miss_and_nothing_is_refreshed()
    {
        var read = await Cache.ReadAsync("a", Skip.Loaders);
        Assert.Equal((ReadStatus.Miss, false), (read.Status, read.HasValue));
        await Elsewhere("b", "in the tier");
        Assert.Equal("in the tier", (await Cache.ReadAsync("b", Skip.Loaders)).Value);
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal((ReadStatus.Stale, "in the tier"), ((await Cache.ReadAsync("b", Skip.Loaders)).Status, Cache.Peek("b").Value));
        Assert.Equal(ReadStatus.Stale, (await Cache.ReadAsync("b", Skip.Loaders | Skip.MemoryRead)).Status);
        await Cache.Loads.QuietAsync();
        Assert.Equal(0, _shop.Calls);
        Assert.Equal(ReadStatus.Miss, (await Cache.ReadAsync("c", static (_, _, _) => new ValueTask<string>("x"), 0, Skip.Loaders | Skip.Tiers)).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(25)]
    public async Task Nothing_of_memory_is_answered_past_memory_whatever_its_age(int seconds)
    {
        await Cache.SetAsync("a", "in memory", Skip.Tiers);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        var read = await Cache.ReadAsync("a", Skip.MemoryRead | Skip.Loaders);
        Assert.Equal((ReadStatus.Miss, false, null), (read.Status, read.HasValue, read.Value));
        Assert.False((await Cache.ReadManyAsync(["a"], Skip.MemoryRead | Skip.Loaders))["a"].HasValue);
        _shop.Answers = static request => throw new FormatException($"Told of {request.Old.Value ?? "nothing"}.");
        Assert.Equal("Told of nothing.", (await Assert.ThrowsAsync<FormatException>(async () => await Cache.ReadAsync("a", Skip.MemoryRead))).Message);
        Assert.Equal("in memory", (await Cache.ReadAsync("a")).Value);
    }

    [Fact]
    public async Task What_a_tier_has_is_fallen_back_on_past_memory_and_memory_keeps_what_it_has()
    {
        await Elsewhere("a", "in the tier");
        _clock.Advance(TimeSpan.FromSeconds(25));
        await Cache.SetAsync("a", "in memory", Skip.Tiers);
        _shop.Answers = static _ => throw new FormatException();
        var read = await Cache.ReadAsync("a", Skip.MemoryRead);
        Assert.Equal((ReadStatus.Fallback, "in the tier"), (read.Status, read.Value));
        Assert.Equal("in memory", Cache.Peek("a").Value);
    }

    [Fact]
    public async Task Calls_that_skip_differently_do_not_share_a_load_and_those_that_skip_the_same_do()
    {
        var gate = new TaskCompletionSource();
        _shop.Answers = async request =>
        {
            await gate.Task;
            return new($"new {request.Key}");
        };
        Task<CacheResult<string>>[] reads =
        [
            Cache.ReadAsync("a", Skip.MemoryWrite).AsTask(), Cache.ReadAsync("a", Skip.MemoryWrite).AsTask(),
            Cache.ReadAsync("a", Skip.Tiers).AsTask(), Cache.ReadAsync("a").AsTask(), Cache.ReadAsync("a", Skip.MemoryRead).AsTask(),
        ];
        gate.SetResult();
        var results = await Task.WhenAll(reads);
        Assert.Equal([false, true, false, false, true], results.Select(static read => read.IsJoined));
        Assert.Equal(3, _shop.Calls);
    }

    [Fact]
    public async Task A_write_past_memory_leaves_no_older_value_in_it()
    {
        await Cache.SetAsync("a", "old");
        await Cache.SetAsync("a", "new", Skip.Memory);
        Assert.False(Cache.Contains("a"));
        var read = await Cache.ReadAsync("a");
        Assert.Equal(("new", "memory-tier", 0), (read.Value, read.Tier, _shop.Calls));
    }

    [Fact]
    public async Task A_write_or_a_removal_past_the_tiers_is_memorys_alone()
    {
        await Cache.SetAsync("a", "old");
        await Cache.SetAsync("a", "new", Skip.Tiers);
        Assert.Equal(("new", "old"), (Cache.Peek("a").Value, await InTier("a")));
        Assert.True(await Cache.RemoveAsync("a", Skip.Tiers));
        Assert.Equal("old", (await Cache.ReadAsync("a")).Value);
        Assert.False(await Cache.RemoveAsync("a", Skip.Memory));
        Assert.Equal(("old", null), (Cache.Peek("a").Value, await InTier("a")));
    }

    [Fact]
    public async Task A_load_that_was_begun_before_a_removal_is_not_written_below_either()
    {
        var gate = new TaskCompletionSource();
        _shop.Answers = async request =>
        {
            await gate.Task;
            return new($"new {request.Key}");
        };
        var read = Cache.ReadAsync("a", Skip.MemoryWrite).AsTask();
        await Cache.RemoveAsync("a");
        gate.SetResult();
        Assert.Equal("new a", (await read).Value);
        await _shop.Settled();
        Assert.Null(await InTier("a"));
    }

    [Fact]
    public async Task Others_are_not_told_where_they_are_skipped()
    {
        var bus = new InProcessBus();
        await using TieredShop one = On(bus), other = On(bus);
        foreach (var skip in new[] { Skip.Others, Skip.None })
        {
            await other.Cache.SetAsync("a", "theirs");
            await other.Cache.SetAsync("b", "theirs");
            await one.Cache.SetAsync("a", "mine", skip);
            await one.Cache.RemoveAsync("b", skip);
            Assert.Equal((skip == Skip.Others, skip == Skip.Others), (other.Cache.Contains("a"), other.Cache.Contains("b")));
        }
    }

    [Fact]
    public async Task The_source_is_written_to_whatever_is_skipped()
    {
        await using var ledger = new Writing.Ledger(behind: null);
        await ledger.Cache.SetAsync(1, "a", Skip.Memory | Skip.Tiers);
        Assert.Equal(("a", false), (ledger.Find(1), ledger.Cache.Contains(1)));
        await ledger.Cache.RemoveAsync(1, Skip.Tiers);
        Assert.Null(ledger.Find(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        await _tier.DisposeAsync();
    }

    private static TieredShop On(InProcessBus bus) => new([], change: options => options with { Coherence = new(bus.Join()) });

    private async Task Elsewhere(string key, string value)
    {
        await using var other = new TieredShop([new(_tier) { IsOwned = false }], _clock);
        await other.Cache.SetAsync(key, value);
    }

    private async Task<string?> InTier(string key)
    {
        await using var other = new TieredShop([new(_tier) { IsOwned = false }], _clock, static options => options with { Loaders = [] });
        return await other.Cache.GetAsync(key);
    }
}
