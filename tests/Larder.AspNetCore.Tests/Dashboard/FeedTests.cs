using System.Text.Json;
using Larder.AspNetCore.Dashboard;
using Larder.TestKit;

namespace Larder.AspNetCore.Tests.Dashboard;

public sealed class FeedTests
{
    [Fact]
    public async Task What_the_advisor_says_is_in_the_feed_and_nothing_of_it_where_there_is_none()
    {
        var clock = new FakeClock();
        using var advised = new Cache<int, int>(new() { Capacity = 100, Policy = EvictionPolicy.Lru, Advice = new(), TimeProvider = clock });
        using var plain = new Cache<int, int>(new() { Capacity = 100, TimeProvider = clock });
        var directory = new CacheDirectory();
        using var one = directory.Add(CacheView.Of(advised, "advised"));
        using var other = directory.Add(CacheView.Of(plain, "plain"));
        using var feed = new DashboardFeed(directory, new(), clock);
        var before = await ReadAsync(feed);
        Assert.Equal(JsonValueKind.Null, Of(before, "plain").ValueKind);
        Assert.False(Of(before, "advised").GetProperty("hasEnough").GetBoolean());
        Assert.Equal(2048, Of(before, "advised").GetProperty("samplesNeeded").GetInt32());

        for (int second = 0; second < 4; second++)
        {
            for (int i = 0; i < 1500; i++) advised.GetOrAdd(i % 150, static key => key);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var advice = Of(await ReadAsync(feed), "advised");
        Assert.True(advice.GetProperty("hasEnough").GetBoolean());
        Assert.True(advice.GetProperty("isPlausible").GetBoolean());
        Assert.Equal("Twice the capacity: +100.0 points.", advice.GetProperty("sentences")[0].GetString());
        Assert.Equal(5, advice.GetProperty("capacities").GetArrayLength());
        Assert.Equal((200, 1), (advice.GetProperty("capacities")[3].GetProperty("capacity").GetInt32(), advice.GetProperty("capacities")[3].GetProperty("hitRatio").GetInt32()));
        Assert.Equal(64, advice.GetProperty("lruCurve").GetArrayLength());
        Assert.Equal(EvictionPolicy.All.Count, advice.GetProperty("policies").GetArrayLength());
    }

    private static async Task<JsonElement> ReadAsync(DashboardFeed feed)
    {
        using var json = JsonDocument.Parse(await feed.ReadAsync());
        return json.RootElement.Clone();
    }

    private static JsonElement Of(JsonElement figures, string cache) =>
        figures.GetProperty("caches").EnumerateArray().Single(one => one.GetProperty("name").GetString() == cache).GetProperty("advice");
}
