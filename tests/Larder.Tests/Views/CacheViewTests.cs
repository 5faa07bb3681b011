using Larder.TestKit;
using Larder.Tests.Loading;

namespace Larder.Tests.Views;

public sealed class CacheViewTests
{
    [Fact]
    public async Task Ages_are_counted_as_time_goes_by()
    {
        await using var shop = new Shop();
        var view = CacheView.Of(shop.Cache);
        await shop.Age(1, 10);
        await shop.Age(2, 10);
        await shop.Cache.SetAsync(3, "fresh");
        await shop.Cache.SetAbsentAsync(4);
        Assert.Equal(new AgeCounts(Fresh: 1, Stale: 1, Expired: 1, Absent: 1), view.CountAges());
        shop.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, view.CountAges().Stale + view.CountAges().Expired);
        Assert.Equal(0, shop.Cache.Statistics.Hits);
    }

    [Theory]
    [InlineData(0, ReadStatus.Hit)]
    [InlineData(10, ReadStatus.Stale)]
    [InlineData(20, ReadStatus.Expired)]
    [InlineData(30, ReadStatus.Miss)]
    public async Task A_key_is_looked_up_at_every_age_without_a_trace(int seconds, ReadStatus status)
    {
        await using var shop = new Shop();
        var view = CacheView.Of(shop.Cache);
        await shop.Age(1, seconds);
        var found = await view.LookUpAsync("1");
        Assert.Equal(status, found.Status);
        Assert.Equal(status != ReadStatus.Miss, found.HasValue);
        Assert.Null(found.Value);
        Assert.Equal(status == ReadStatus.Miss ? null : TimeSpan.FromSeconds(seconds), found.Age);
        Assert.Equal(TimeSpan.FromSeconds(30 - seconds), found.KeptFor);
        Assert.Equal(status == ReadStatus.Miss ? null : "memory", found.Tier);
        Assert.Equal(status == ReadStatus.Miss ? null : "old", (await view.LookUpAsync("1", withValue: true)).Value);
        Assert.Equal(0, shop.Calls);
        Assert.Equal(0, view.Statistics.Hits + view.Statistics.StaleHits + view.Statistics.Misses);
    }

    [Fact]
    public async Task A_key_is_removed_refreshed_and_all_is_cleared_by_text()
    {
        await using var shop = new Shop();
        var view = CacheView.Of(shop.Cache);
        await shop.Cache.SetAsync(1, "old");
        Assert.True(await view.RemoveAsync("1"));
        Assert.False(await view.RemoveAsync("1"));
        Assert.Equal(ReadStatus.Hit, (await view.RefreshAsync("1")).Status);
        Assert.Equal("new", (await view.LookUpAsync("1", withValue: true)).Value);
        await view.ClearAsync();
        Assert.Equal(0, view.CountAges().Total);
    }

    [Fact]
    public async Task A_removal_leaves_the_source_that_is_written_to_as_it_is()
    {
        int writes = 0;
        await using var cache = new LoadingCache<string, string>(new LoadingCacheOptions<string, string>
        {
            Writing = new(Writer.For<string, string>((_, _) =>
            {
                writes++;
                return default;
            })),
        });
        await cache.SetAsync("a", "1");
        Assert.Equal(1, writes);
        Assert.True(await CacheView.Of(cache).RemoveAsync("a"));
        Assert.Equal(1, writes);
        Assert.False(cache.Contains("a"));
    }

    [Fact]
    public async Task Loads_in_flight_are_counted_while_they_last()
    {
        await using var shop = new Shop();
        var view = CacheView.Of(shop.Cache);
        var gate = shop.Gate();
        var reads = new[] { shop.Cache.GetAsync(1).AsTask(), shop.Cache.GetAsync(1).AsTask(), shop.Cache.GetAsync(2).AsTask() };
        Assert.Equal(2, view.LoadsInFlight);
        gate.SetResult("new");
        await Task.WhenAll(reads);
        Assert.Equal(0, view.LoadsInFlight);
    }

    [Fact]
    public async Task A_failed_refresh_throws_what_the_loader_threw_when_there_is_nothing_old()
    {
        await using var shop = new Shop();
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException("down");
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => CacheView.Of(shop.Cache).RefreshAsync("1").AsTask());
    }

    [Fact]
    public async Task Text_that_is_no_key_is_refused_by_name()
    {
        await using var shop = new Shop();
        var error = await Assert.ThrowsAsync<FormatException>(async () => await CacheView.Of(shop.Cache).LookUpAsync("one"));
        Assert.Contains("'one'", error.Message, StringComparison.Ordinal);
        Assert.Contains("int", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_of_ones_own_type_need_a_format()
    {
        using var cache = new Cache<(int, int), string>();
        cache.Set((1, 2), "value");
        var blind = CacheView.Of(cache, "points");
        Assert.False(blind.ReadsKeys);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await blind.LookUpAsync("1,2"));
        var format = KeyFormat.Of<(int, int)>("point", static key => $"{key.Item1},{key.Item2}", static text => (int.Parse(text.Split(',')[0], null), int.Parse(text.Split(',')[1], null)));
        Assert.True((await CacheView.Of(cache, "points", format).LookUpAsync("1,2")).HasValue);
    }

    [Fact]
    public async Task Of_values_that_are_leased_the_type_alone_is_shown_and_what_leaves_is_disposed()
    {
        using var cache = new LeasingCache<int, Stream>(new() { Capacity = 50 });
        MemoryStream first = new(), second = new();
        cache.Set(1, first);
        cache.Set(2, second);
        var view = CacheView.Of(cache, "files");
        Assert.Equal(("files", "int", "Stream", 50L, 2L), (view.Name, view.KeyType, view.ValueType, view.Capacity, view.Count));
        Assert.Equal("MemoryStream", (await view.LookUpAsync("1", withValue: true)).Value);
        Assert.True(await view.RemoveAsync("1"));
        Assert.Equal((false, true), (first.CanRead, second.CanRead));
        await view.ClearAsync();
        Assert.Equal((false, 0), (second.CanRead, cache.Undisposed));
    }

    [Fact]
    public async Task A_cache_that_does_not_load_is_viewed_too()
    {
        var clock = new FakeClock();
        using var cache = new Cache<Guid, int?[]>(new() { TimeProvider = clock, Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(10)), Capacity = 50 });
        var view = CacheView.Of(cache, "reports");
        var key = Guid.NewGuid();
        cache.Set(key, [1]);
        cache.SetAbsent(Guid.NewGuid());
        Assert.Equal(("reports", "Guid", "int?[]", 50L, 2L), (view.Name, view.KeyType, view.ValueType, view.Capacity, view.Weight));
        Assert.Equal(new AgeCounts(1, 0, 0, 1), view.CountAges());
        clock.Advance(TimeSpan.FromSeconds(4));
        var found = await view.LookUpAsync(key.ToString());
        Assert.Equal((ReadStatus.Hit, TimeSpan.FromSeconds(6)), (found.Status, found.KeptFor));
        cache.TryGet(key, out _);
        Assert.Equal(1, view.Statistics.Hits);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await view.RefreshAsync(key.ToString()));
        Assert.True(await view.RemoveAsync(key.ToString()));
        await view.ClearAsync();
        Assert.Equal(0, view.CountAges().Total);
    }
}
