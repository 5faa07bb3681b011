using System.Collections.Concurrent;
using Larder.TestKit;
using Larder.Tiers;

namespace Larder.Tests.Loading;

public sealed class TagTests
{
    [Fact]
    public async Task Removing_a_tag_removes_what_bears_it_and_nothing_else()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "one", tags: ["a"]);
        await shop.Cache.SetAsync(2, "two", tags: ["b", "a"]);
        await shop.Cache.SetAsync(3, "three", tags: ["b"]);
        await shop.Cache.SetAsync(4, "four");
        await shop.Cache.RemoveByTagAsync("a");
        Assert.Equal(["three", "four"], shop.Cache.Pairs().OrderBy(pair => pair.Key).Select(pair => pair.Value));
        Assert.Equal((2, false, true), (shop.Cache.Count, shop.Cache.Contains(1, includesExpired: true), shop.Cache.Contains(3)));
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(2).Status);
        Assert.False(shop.Cache.TryGet(1, out _));
        Assert.False(await shop.Cache.RemoveAsync(2));
        Assert.Equal((ReadStatus.Hit, "three"), (await shop.Cache.ReadAsync(3)) is var read ? (read.Status, read.Value) : default);
        Assert.Equal((ReadStatus.Miss, "new"), (await shop.Cache.ReadAsync(1)) is var anew ? (anew.Status, anew.Value) : default);
        Assert.Equal((1L, 2L), (shop.Cache.Statistics.TagRemovals, shop.Cache.Statistics.RemovalsBy(RemovalCause.Invalidated)));
    }

    [Fact]
    public async Task What_is_written_after_the_removal_stays()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "before", tags: ["a"]);
        await shop.Cache.RemoveByTagAsync("a");
        await shop.Cache.SetAsync(1, "after", tags: ["a"]);
        Assert.Equal("after", await shop.Cache.GetAsync(1));
        await shop.Cache.RemoveByTagAsync("b");
        Assert.Equal("after", await shop.Cache.GetAsync(1));
        await shop.Cache.RemoveByTagsAsync(["c", "a"]);
        Assert.Equal("new", await shop.Cache.GetAsync(1));
    }

    [Fact]
    public async Task The_star_removes_everything_with_tags_or_without()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "one", tags: ["a"]);
        await shop.Cache.SetAsync(2, "two");
        await shop.Cache.RemoveByTagAsync("*");
        Assert.Empty(shop.Cache.Pairs(includesExpired: true));
        await Assert.ThrowsAsync<ArgumentException>(async () => await shop.Cache.RemoveByTagAsync(""));
        await Assert.ThrowsAsync<ArgumentException>(async () => await shop.Cache.RemoveByTagAsync(new string('x', 1000)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await shop.Cache.SetAsync(1, "one", tags: ["*"]));
    }

    [Fact]
    public async Task Tags_come_from_the_loader_the_options_the_writer_and_an_absence()
    {
        await using var shop = new Shop(o => o with { TagsOf = static (key, value) => [$"{value}:{key % 2}"] });
        shop.Answers = static (request, _) => new(request.Key == 9 ? Loaded<string>.Absent with { Tags = ["loaded"] } : new Loaded<string>("new") { Tags = ["loaded"] });
        await shop.Cache.GetAsync(1);
        await shop.Cache.GetAsync(2);
        await shop.Cache.GetAsync(9);
        Assert.Equal(ReadStatus.Absent, shop.Cache.Peek(9).Status);
        await shop.Cache.RemoveByTagAsync("new:1");
        Assert.Equal([2], shop.Cache.Pairs().Select(pair => pair.Key));
        await shop.Cache.RemoveByTagAsync("loaded");
        Assert.Empty(shop.Cache.Pairs());
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(9).Status);
    }

    [Fact]
    public async Task A_call_s_own_loader_sets_tags_and_is_told_of_the_old_value_unless_its_tag_was_removed()
    {
        await using var shop = new Shop();
        List<bool> had = [];
        for (int i = 0; i < 3; i++)
        {
            shop.Clock.Advance(TimeSpan.FromSeconds(21));
            if (i == 2) await shop.Cache.RemoveByTagAsync("mine");
            Assert.Equal("v", await shop.Cache.GetOrLoadAsync(1, static (request, had, _) =>
            {
                had.Add(request.Old.HasValue);
                return new(new Loaded<string>("v") { Tags = ["mine"] });
            }, had));
        }

        Assert.Equal([false, true, false], had);
        Assert.Equal(ReadStatus.Hit, (await shop.Cache.ReadOrLoadAsync(1, static (_, _, _) => throw new TimeZoneNotFoundException(), 0)).Status);
    }

    [Fact]
    public async Task A_load_begun_before_the_removal_goes_to_who_waited_and_is_not_kept_and_who_comes_later_loads_anew()
    {
        await using var shop = new Shop();
        var first = shop.Gate();
        var before = shop.Cache.ReadAsync(1).AsTask();
        await shop.Cache.RemoveByTagAsync("a");
        var second = shop.Gate();
        var after = shop.Cache.ReadAsync(1).AsTask();
        first.SetResult(new Loaded<string>("old") { Tags = ["a"] });
        Assert.Equal("old", (await before).Value);
        Assert.False(shop.Cache.Contains(1));
        second.SetResult(new Loaded<string>("new") { Tags = ["a"] });
        Assert.Equal("new", (await after).Value);
        Assert.Equal("new", shop.Cache.Peek(1).Value);
        Assert.Equal(2, shop.Calls);
    }

    [Fact]
    public async Task A_load_begun_before_the_removal_of_a_tag_it_does_not_bear_is_kept()
    {
        await using var shop = new Shop();
        var gate = shop.Gate();
        var read = shop.Cache.ReadAsync(1);
        await shop.Cache.RemoveByTagAsync("a");
        gate.SetResult(new Loaded<string>("new") { Tags = ["b"] });
        await read;
        Assert.Equal("new", shop.Cache.Peek(1).Value);
    }

    [Fact]
    public async Task An_old_value_whose_tag_was_removed_is_no_fallback()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "old", tags: ["a"]);
        shop.Clock.Advance(TimeSpan.FromSeconds(25));
        var gate = shop.Gate();
        var read = shop.Cache.ReadAsync(1).AsTask();
        await shop.Cache.RemoveByTagAsync("a");
        gate.SetException(new TimeZoneNotFoundException());
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => read);
    }

    [Fact]
    public async Task A_refresh_under_way_does_not_bring_back_what_was_removed()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "old", tags: ["a"]);
        shop.Clock.Advance(TimeSpan.FromSeconds(12));
        var gate = shop.Gate();
        Assert.Equal(ReadStatus.Stale, (await shop.Cache.ReadAsync(1)).Status);
        while (shop.Calls == 0) await Task.Yield();
        await shop.Cache.RemoveByTagAsync("a");
        gate.SetResult(Loaded<string>.NotModified);
        await shop.Quiet();
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(1, includesExpired: true).Status);
    }

    [Fact]
    public async Task What_is_not_modified_keeps_its_tags_and_a_stale_value_with_tags_is_refreshed()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "old", tags: ["a"]);
        shop.Clock.Advance(TimeSpan.FromSeconds(12));
        shop.Answers = static (_, _) => new(Loaded<string>.NotModified);
        Assert.Equal(ReadStatus.Stale, (await shop.Cache.ReadAsync(1)).Status);
        await shop.Quiet();
        Assert.Equal((ReadStatus.Hit, "old"), shop.Cache.Peek(1) is var peeked ? (peeked.Status, peeked.Value) : default);
        await shop.Cache.RemoveByTagAsync("a");
        Assert.False(shop.Cache.Contains(1));
    }

    [Fact]
    public async Task Keys_brought_beside_a_batch_bear_their_tags_from_before_it_began()
    {
        var gate = new TaskCompletionSource();
        await using var cache = new LoadingCache<int, string>(new LoadingCacheOptions<int, string> { Loaders = [new Neighbours(gate.Task)] });
        var read = cache.ReadManyAsync([1]).AsTask();
        await cache.RemoveByTagAsync("odd");
        gate.SetResult();
        Assert.Equal("1", (await read)[1].Value);
        Assert.True(SpinWait.SpinUntil(() => cache.Contains(2), TimeSpan.FromSeconds(30))); // They are kept after those that were asked for.
        Assert.Equal([2], cache.Pairs().Select(pair => pair.Key));
        await cache.RemoveByTagAsync("even");
        Assert.Empty(cache.Pairs());
    }

    [Fact]
    public async Task The_handler_is_told_of_each_removed_entry_once_with_its_cause()
    {
        var told = new ConcurrentQueue<(int, RemovalCause)>();
        var cache = new LoadingCache<int, string>(static (_, _) => new("new"), new() { Memory = new() { Removed = removal => told.Enqueue((removal.Key, removal.Cause)) } });
        await cache.SetAsync(1, "old", tags: ["a"]);
        await cache.RemoveByTagAsync("a");
        await cache.GetAsync(1);
        await cache.GetAsync(1);
        await cache.DisposeAsync();
        Assert.Equal([(1, RemovalCause.Invalidated), (1, RemovalCause.Cleared)], told);
    }

    [Fact]
    public async Task When_too_many_tags_were_removed_what_was_not_judged_since_goes_with_the_earlier_ones()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "judged", tags: ["a"]);
        await shop.Cache.SetAsync(2, "not judged", tags: ["a"]);
        await shop.Cache.SetAsync(3, "without tags");
        for (int i = 0; i <= TagRemovals.Most; i++)
        {
            await shop.Cache.RemoveByTagAsync($"other {i}");
            if (i == TagRemovals.Most - 1) Assert.True(shop.Cache.Contains(1));
        }

        Assert.Equal([1, 3], shop.Cache.Pairs().Select(pair => pair.Key).Order());
        Assert.Equal(1, shop.Cache.Loads.Tags.Collapses);
        await shop.Cache.RemoveByTagAsync("a");
        Assert.Equal([3], shop.Cache.Pairs().Select(pair => pair.Key));
    }

    [Fact]
    public async Task A_hit_on_an_entry_with_tags_allocates_nothing_and_is_judged_once_after_each_removal()
    {
        await using var cache = new LoadingCache<string, string>(static (_, _) => new("new"), new() { Memory = new() { Lifetime = Lifetime.FreshFor(TimeSpan.FromHours(1)) } });
        await cache.SetAsync("k", "old", tags: ["a", "b"]);
        await cache.RemoveByTagAsync("c");
        Assert.Equal("old", await cache.GetAsync("k"));
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                var read = cache.GetAsync("k");
                if (!read.IsCompletedSuccessfully || read.Result != "old") throw new InvalidOperationException("Not a hit.");
            }
        }));
        Assert.Equal(cache.Loads.Tags.Latest, cache.Loads.Core.Find("k", cache.Loads.Core.HashOf("k"))!.Value.JudgedAt);
        await cache.RemoveByTagAsync("b");
        Assert.Equal("new", await cache.GetAsync("k"));
    }

    [Fact]
    public async Task An_absence_is_never_taken_for_a_value_on_the_short_path()
    {
        await using var cache = new LoadingCache<string, string>(new LoadingCacheOptions<string, string> { Memory = new() { Lifetime = new() { Fresh = TimeSpan.FromHours(1), Stale = TimeSpan.FromHours(1) } } });
        await cache.SetAbsentAsync("k");
        for (int i = 0; i < 3; i++) Assert.False(cache.TryGet("k", out _)); // A thread's first read takes the long path.
        Assert.Equal((0L, 3L), (cache.Statistics.StaleHits, cache.Statistics.AbsentHits));
    }

    private sealed class Neighbours(Task gate) : IBatchLoader<int, string>
    {
        public async ValueTask LoadManyAsync(LoadBatch<int, string> batch, CancellationToken cancellationToken)
        {
            await gate;
            foreach (int key in batch.Missing)
                for (int near = key; near < key + 3; near++) batch.Set(near, new Loaded<string>($"{near}") { Tags = [near % 2 == 0 ? "even" : "odd"] });
        }
    }
}
