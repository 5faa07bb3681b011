using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Contracts.Faces;

/// <summary>What a <see cref="HybridCache"/> in memory promises of what a call says: flags, expirations, tags, keys and the caller's own surroundings. Its entries expire after five minutes.</summary>
public abstract class HybridCacheCallContract : FaceContract<HybridCache>
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly AsyncLocal<string?> _ambient = new();

    /// <summary>Every combination of flags.</summary>
    public static TheoryData<HybridCacheEntryFlags> AllFlags => [.. Enumerable.Range(0, 64).Select(static bits => (HybridCacheEntryFlags)bits)];

    [Theory]
    [MemberData(nameof(AllFlags))]
    public async Task Flags_do_what_each_says_alone_and_together(HybridCacheEntryFlags flags)
    {
        HybridCacheEntryOptions options = new() { Flags = flags };
        bool reads = !flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead), writes = !flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheWrite), makes = !flags.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData);

        await Cache.SetAsync("there", "old", cancellationToken: Cancel);
        Assert.Equal(reads ? "old" : makes ? "new" : null, await Get("there", "new", options));
        Assert.Equal(!reads && makes && writes ? "new" : "old", await Get("there", "late"));

        Assert.Equal(makes ? "new" : null, await Get("missing", "new", options));
        Assert.Equal(makes && writes ? "new" : "late", await Get("missing", "late"));

        await Cache.SetAsync("set", "new", options, cancellationToken: Cancel);
        Assert.Equal(writes ? "new" : "late", await Get("set", "late"));
    }

    [Fact]
    public async Task Nothing_lives_longer_in_memory_than_altogether()
    {
        await Get("key", 1, new() { Expiration = _minute, LocalCacheExpiration = 3 * _minute });
        await Cache.SetAsync("set", 1, new() { Expiration = _minute, LocalCacheExpiration = 3 * _minute }, cancellationToken: Cancel);
        await Get("local", 1, new() { LocalCacheExpiration = _minute });
        Clock.Advance(_minute);
        Same([2, 2, 2], [await Get("key", 2), await Get("set", 2), await Get("local", 2)]);
    }

    [Fact]
    public async Task A_later_write_brings_its_own_tags_and_its_own_time()
    {
        await Cache.SetAsync("key", 1, new() { Expiration = _minute }, ["a"], Cancel);
        await Cache.SetAsync("key", 2, new() { Expiration = 3 * _minute }, ["b"], Cancel);
        await Cache.RemoveByTagAsync("a", Cancel);
        Clock.Advance(2 * _minute);
        Assert.Equal(2, await Get("key", 9));
        await Cache.RemoveByTagAsync("b", Cancel);
        Assert.Equal(9, await Get("key", 9));
    }

    [Fact]
    public async Task What_is_found_keeps_the_tags_and_the_time_of_who_made_it()
    {
        await Cache.SetAsync("key", 1, new() { Expiration = 3 * _minute }, ["a"], Cancel);
        Assert.Equal(1, await Get("key", 2, new() { Expiration = _minute }, ["b"]));
        await Cache.RemoveByTagAsync("b", Cancel);
        Clock.Advance(2 * _minute);
        Assert.Equal(1, await Get("key", 2));
    }

    [Fact]
    public async Task What_is_written_after_a_tag_was_removed_stays_though_no_time_has_gone_by()
    {
        for (int round = 0; round < 3; round++)
        {
            await Cache.RemoveByTagAsync("tag", Cancel);
            await Cache.RemoveByTagAsync("*", Cancel);
            await Cache.SetAsync("set", round, tags: ["tag"], cancellationToken: Cancel);
            Assert.Equal(round, await Get("set", 9));
            await Cache.RemoveByTagAsync("tag", Cancel);
            Assert.Equal(round + 10, await Get("set", round + 10, tags: ["tag"]));
            Assert.Equal(round + 10, await Get("set", 9));
        }
    }

    [Fact]
    public async Task Many_tags_are_borne_and_many_removed_in_one_call()
    {
        string[] tags = [.. Enumerable.Range(0, 40).Select(static i => $"tag:{i}")];
        for (int i = 0; i < tags.Length; i++) await Cache.SetAsync($"{i}", 1, tags: [tags[i], "all", "all"], cancellationToken: Cancel);
        await Cache.SetAsync("bears all", 1, tags: tags, cancellationToken: Cancel);
        await Cache.RemoveByTagAsync(tags.Where(static (_, i) => i % 2 == 0), Cancel);
        Assert.Equal(2, await Get("bears all", 2));
        for (int i = 0; i < tags.Length; i++) Assert.Equal(i % 2 == 0 ? 2 : 1, await Get($"{i}", 2));
        await Cache.RemoveByTagAsync(["none", "all"], Cancel);
        Assert.Equal(3, await Get("1", 3));
    }

    [Fact]
    public async Task Tags_are_told_apart_by_case_and_are_not_patterns()
    {
        await Cache.SetAsync("key", 1, tags: ["Tag*"], cancellationToken: Cancel);
        await Cache.RemoveByTagAsync(["tag*", "Tag", "T*"], Cancel);
        Assert.Equal(1, await Get("key", 2));
    }

    [Fact]
    public async Task Any_number_of_tags_of_any_length_is_borne_and_broken_text_is_told_apart()
    {
        string[] tags = [.. Enumerable.Range(0, 128).Select(static i => $"tag:{i}"), new('x', 5000), "half\ud801", "half\ud802"];
        foreach (string removed in new[] { tags[0], tags[127], tags[128], tags[129] })
        {
            await Cache.SetAsync("all", 1, tags: tags, cancellationToken: Cancel);
            await Cache.SetAsync("one", 1, tags: tags[^1..], cancellationToken: Cancel);
            Assert.Equal(1, await Cache.GetOrCreateAsync("all", static _ => new ValueTask<int>(2), tags: tags, cancellationToken: Cancel));
            await Cache.RemoveByTagAsync(removed, Cancel);
            Same([2, 1], [await Get("all", 2), await Get("one", 2)]);
        }

        await Cache.RemoveByTagAsync(tags[^1], Cancel);
        Assert.Equal(3, await Get("one", 3));
    }

    [Fact]
    public async Task Broken_text_makes_no_two_keys_the_same()
    {
        Same([1, 2], [await Get("a\ud800", 1), await Get("a\ud801", 2)]);
        await Cache.SetAsync("b\udc00", 3, cancellationToken: Cancel);
        Assert.Equal(4, await Get("b\udc01", 4));
        await Cache.RemoveAsync("a\ud800", Cancel);
    }

    [Fact]
    public async Task Arrays_that_come_out_are_the_callers_own()
    {
        var first = await Get<byte[]>("key", [1, 2, 3]);
        first[0] = 9;
        var second = await Get<byte[]>("key", []);
        Assert.Equal([1, 2, 3], second);
        second[1] = 9;
        Assert.Equal([1, 2, 3], await Get<byte[]>("key", []));
        await Cache.SetAsync<byte[]>("empty", [], cancellationToken: Cancel);
        Assert.Empty(await Get<byte[]>("empty", [1]));
        await Cache.SetAsync("text", "", cancellationToken: Cancel);
        Assert.Equal("", await Get("text", "made"));
    }

    [Fact]
    public async Task A_factory_sees_its_callers_surroundings_and_state()
    {
        _ambient.Value = "the caller's";
        var state = new object();
        var (seen, same) = await Cache.GetOrCreateAsync("key", state, static async (given, _) =>
        {
            await Task.Yield();
            return (_ambient.Value, given.GetHashCode());
        });
        Assert.Equal(("the caller's", state.GetHashCode()), (seen, same));
    }

    [Fact]
    public async Task A_cancellation_that_is_the_factorys_own_reaches_the_caller_and_is_not_kept()
    {
        using var own = new CancellationTokenSource();
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cache.GetOrCreateAsync<int>("key", async _ =>
        {
            await Task.Yield();
            own.Token.ThrowIfCancellationRequested();
            return 1;
        }, cancellationToken: Cancel));
        Assert.Equal(2, await Get("key", 2));
    }

    [Fact]
    public async Task A_change_is_made_though_its_token_is_cancelled_and_throws_nothing()
    {
        using var turned = new CancellationTokenSource();
        await turned.CancelAsync();
        await Cache.SetAsync("key", 1, tags: ["tag"], cancellationToken: turned.Token);
        Assert.Equal(1, await Get("key", 9));
        await Cache.SetAsync("key", 2, tags: ["tag"], cancellationToken: turned.Token);
        Assert.Equal(2, await Get("key", 9));
        await Cache.RemoveByTagAsync("tag", turned.Token);
        Assert.Equal(3, await Get("key", 3));
        await Cache.RemoveAsync("key", turned.Token);
        Assert.Equal(4, await Get("key", 4));
        await Cache.RemoveByTagAsync("*", turned.Token);
        Assert.Equal(5, await Get("key", 5));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(6), cancellationToken: turned.Token));
    }

    [Fact]
    public async Task A_factory_may_use_the_cache_for_another_key()
    {
        int sum = await Cache.GetOrCreateAsync("outer", async cancel => 1 + await Cache.GetOrCreateAsync("inner", static _ => new ValueTask<int>(2), cancellationToken: cancel), cancellationToken: Cancel);
        Same([3, 3, 2], [sum, await Get("outer", 9), await Get("inner", 9)]);
    }

    // Arrays, for a span cannot wait.
    private static void Same<T>(T[] expected, T[] actual) => Assert.Equal(expected, actual);

    private ValueTask<T> Get<T>(string key, T made, HybridCacheEntryOptions? options = null, string[]? tags = null) =>
        Cache.GetOrCreateAsync(key, made, static (made, _) => new ValueTask<T>(made), options, tags, Cancel);
}
