using Larder.TestKit;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Tests.Hosting.Faces;

/// <summary>What the flags and expirations of a call do where there is a tier below memory.</summary>
public sealed class HybridCacheOverTiersTests : IAsyncLifetime
{
    private const HybridCacheEntryFlags LocalRead = HybridCacheEntryFlags.DisableLocalCacheRead, LocalWrite = HybridCacheEntryFlags.DisableLocalCacheWrite,
        TierRead = HybridCacheEntryFlags.DisableDistributedCacheRead, TierWrite = HybridCacheEntryFlags.DisableDistributedCacheWrite, Underlying = HybridCacheEntryFlags.DisableUnderlyingData;

    private readonly FakeClock _clock = new();
    private readonly DateTimeOffset _start;
    private readonly InMemoryTier _tier;
    private readonly LarderHybridCache _cache;
    private readonly LarderHybridCache _other;

    public HybridCacheOverTiersTests()
    {
        _tier = new(timeProvider: _clock, isShared: true);
        (_cache, _other) = (Over(_tier), Over(_tier));
        _start = _clock.GetUtcNow();
    }

    /// <summary>Every combination of the five flags that do something.</summary>
    public static TheoryData<HybridCacheEntryFlags> AllFlags => [.. Enumerable.Range(0, 32).Select(static bits => (HybridCacheEntryFlags)bits)];

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await _cache.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(AllFlags))]
    public async Task A_read_takes_the_first_place_that_its_flags_let_it_look_in(HybridCacheEntryFlags flags)
    {
        await _cache.SetAsync("key", "memory's", cancellationToken: Cancel);
        await _other.SetAsync("key", "the tier's", cancellationToken: Cancel);
        string? expected = !flags.HasFlag(LocalRead) ? "memory's" : !flags.HasFlag(TierRead) ? "the tier's" : !flags.HasFlag(Underlying) ? "made" : null;
        Assert.Equal(expected, await Get(_cache, "key", "made", flags));
    }

    [Fact]
    public async Task A_write_whose_token_is_cancelled_reaches_the_tier_too()
    {
        using var turned = new CancellationTokenSource();
        await turned.CancelAsync();
        await _cache.SetAsync("key", "new", cancellationToken: turned.Token);
        await _cache.Cache.Loads.Tiers!.Tiers[0].Writer.DrainAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("new", await Get(_other, "key", "made", HybridCacheEntryFlags.None));
        await _cache.RemoveAsync("key", turned.Token);
        await _cache.Cache.Loads.Tiers!.Tiers[0].Writer.DrainAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("made", await Get(_other, "key", "made", LocalRead));
    }

    [Theory]
    [MemberData(nameof(AllFlags))]
    public async Task What_only_memory_has_is_not_there_for_a_read_that_goes_past_memory(HybridCacheEntryFlags flags)
    {
        await _cache.SetAsync("key", "memory's", new() { Flags = TierWrite }, cancellationToken: Cancel);
        string? expected = !flags.HasFlag(LocalRead) ? "memory's" : !flags.HasFlag(Underlying) ? "made" : null;
        Assert.Equal(expected, await Get(_cache, "key", "made", flags));
    }

    [Theory]
    [MemberData(nameof(AllFlags))]
    public async Task What_is_made_goes_where_its_flags_let_it_go(HybridCacheEntryFlags flags)
    {
        bool makes = !flags.HasFlag(Underlying);
        Assert.Equal(makes ? "made" : null, await Get(_cache, "key", "made", flags));
        foreach (var tier in _cache.Cache.Loads.Tiers!.Tiers) await tier.Writer.DrainAsync(TimeSpan.FromSeconds(30)); // Who loads does not wait for it.
        Assert.Equal(makes && !flags.HasFlag(TierWrite) ? "made" : null, await Get(_other, "key", "", LocalWrite | Underlying));
        Assert.Equal(makes && !flags.HasFlag(LocalWrite) ? "made" : null, await Get(_cache, "key", "", TierRead | Underlying));
    }

    [Theory]
    [MemberData(nameof(AllFlags))]
    public async Task What_is_set_goes_where_its_flags_let_it_go_and_memory_keeps_nothing_older_than_the_tier(HybridCacheEntryFlags flags)
    {
        await _cache.SetAsync("key", "old", cancellationToken: Cancel);
        await _cache.SetAsync("key", "new", new() { Flags = flags }, cancellationToken: Cancel);
        bool above = !flags.HasFlag(LocalWrite), below = !flags.HasFlag(TierWrite);
        Assert.Equal(below ? "new" : "old", await Get(_other, "key", "", LocalWrite | Underlying));
        Assert.Equal(above ? "new" : below ? null : "old", await Get(_cache, "key", "", TierRead | Underlying));
        Assert.Equal(above || below ? "new" : "old", await Get(_cache, "key", "", Underlying));
    }

    [Fact]
    public async Task Broken_text_as_a_key_passes_the_tiers_by()
    {
        Assert.Equal("1", await Get(_cache, "a\ud800", "1", default));
        Assert.Equal("2", await Get(_cache, "a\ud801", "2", default));
        await _cache.SetAsync("a\ud800", "3", cancellationToken: Cancel);
        await _cache.RemoveAsync("a\ud800", Cancel);
        Assert.Equal(0, _tier.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task What_has_no_time_to_live_is_made_each_time(int minutes)
    {
        HybridCacheEntryOptions options = new() { Expiration = TimeSpan.FromMinutes(minutes) };
        for (int i = 0; i < 2; i++) Assert.Equal(i, await _cache.GetOrCreateAsync("key", i, static (made, _) => new ValueTask<int>(made), options, cancellationToken: Cancel));
        await _cache.SetAsync("set", "old", cancellationToken: Cancel);
        await _cache.SetAsync("set", "new", options, cancellationToken: Cancel);
        Assert.Equal((null, null), (await Get(_cache, "set", "", Underlying), await Get(_other, "set", "", Underlying)));
    }

    // As Microsoft's: what a call says counts, each by itself; a call's whole time is its time in memory too, and so is the cache's.
    [Theory]
    [InlineData(null, null, null, null, 5, 5)]
    [InlineData(null, null, 42, null, 42, 42)]
    [InlineData(null, null, 43, 42, 43, 42)]
    [InlineData(null, null, null, 43, 5, 43)]
    [InlineData(42, null, null, null, 42, 42)]
    [InlineData(43, 42, null, null, 43, 42)]
    [InlineData(null, 43, null, null, 5, 43)]
    [InlineData(43, 42, 44, null, 44, 44)]
    [InlineData(43, 42, 45, 44, 45, 44)]
    [InlineData(43, 42, null, 45, 43, 45)]
    [InlineData(null, null, 42, 43, 42, 42)]
    public async Task Times_of_a_call_go_before_those_of_the_cache(int? cacheWhole, int? cacheLocal, int? callWhole, int? callLocal, int whole, int local)
    {
        await using var cache = new LarderHybridCache(new() { TimeProvider = _clock, Tiers = [new(_tier) { IsOwned = false }], DefaultEntryOptions = Of(cacheWhole, cacheLocal) });
        await cache.SetAsync("key", "value", Of(callWhole, callLocal), cancellationToken: Cancel);
        foreach (int minutes in new[] { whole, local }.Distinct().Order())
        {
            Assert.Equal(minutes <= local ? "value" : null, await Get(cache, "key", "", TierRead | Underlying));
            Assert.Equal(minutes <= whole ? "value" : null, await Get(_other, "key", "", LocalRead | LocalWrite | Underlying));
            _clock.Advance(_start + TimeSpan.FromMinutes(minutes) - _clock.GetUtcNow());
            Assert.Equal(minutes < local ? "value" : null, await Get(cache, "key", "", TierRead | Underlying));
            Assert.Equal(minutes < whole ? "value" : null, await Get(_other, "key", "", LocalRead | LocalWrite | Underlying));
        }

        static HybridCacheEntryOptions Of(int? whole, int? local) => new() { Expiration = whole is { } w ? TimeSpan.FromMinutes(w) : null, LocalCacheExpiration = local is { } l ? TimeSpan.FromMinutes(l) : null };
    }

    [Fact]
    public async Task A_removed_tag_counts_in_the_tier_too()
    {
        await _cache.SetAsync("key", "1", tags: ["a", "b"], cancellationToken: Cancel);
        await _cache.RemoveByTagAsync("b", Cancel);
        Assert.Null(await Get(_other, "key", "", Underlying));
        await _cache.SetAsync("key", "2", tags: ["a"], cancellationToken: Cancel);
        await _cache.RemoveByTagAsync("*", Cancel);
        Assert.Null(await Get(_other, "key", "", LocalRead | Underlying));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LarderHybridCache Over(InMemoryTier tier) => new(new() { TimeProvider = _clock, Tiers = [new(tier)] });

    private static ValueTask<string> Get(HybridCache cache, string key, string made, HybridCacheEntryFlags flags) =>
        cache.GetOrCreateAsync(key, made, static (made, _) => new ValueTask<string>(made), new() { Flags = flags }, cancellationToken: Cancel);
}
