using System.Globalization;
using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

/// <summary>Tags between processes over real servers: what bears a removed tag is gone from every memory and from the servers, and nothing else is.</summary>
public abstract class TagContract
{
    private const int Each = 20;

    /// <summary>Where the processes meet. Nothing is there yet.</summary>
    internal abstract RedisOptions Options { get; }

    private RedisOptions Patient => Node.Patient(Options);

    [Theory]
    [InlineData(RedisTracking.ByPrefix)]
    [InlineData(RedisTracking.ByKey)]
    public async Task A_tag_that_one_removes_takes_what_bears_it_from_every_memory_and_from_the_tier_and_nothing_else(RedisTracking tracking)
    {
        string[] red = Names("red"), blue = Names("blue"), plain = Names("plain"), stays = [.. blue, .. plain];
        await using var one = await Node.OpenAsync(Patient with { Tracking = tracking });
        await using var other = await Node.OpenAsync(Patient with { Tracking = tracking });
        foreach (string key in red) await one.Cache.SetAsync(key, "set", tags: ["red", $"only {key}"]);
        foreach (string key in blue) await one.Cache.SetAsync(key, "set", tags: ["blue"]);
        foreach (string key in plain) await one.Cache.SetAsync(key, "set");
        await SettledAsync(one);
        await KeptAsync(other, [.. red, .. stays]);

        await one.Cache.RemoveByTagAsync("red");
        await SettledAsync(one);
        await Eventually.Holds(() => !red.Any(key => other.Cache.Contains(key)));
        Assert.All(stays, key => Assert.True(other.Cache.Contains(key)));
        Assert.DoesNotContain(red, key => one.Cache.Contains(key));
        await using (var fresh = await Node.OpenAsync(Patient with { Tracking = tracking }))
        {
            foreach (string key in red) Assert.Equal($"loaded {key}", await fresh.Cache.GetAsync(key));
            foreach (string key in stays) Assert.Equal("set", await fresh.Cache.GetAsync(key));
        }

        // What is written after the removal is as good as any.
        await one.Cache.SetAsync(red[0], "again", tags: ["red"]);
        await SettledAsync(one);
        await Eventually.Holds(async () => await other.Cache.GetAsync(red[0]) == "again");
        await other.Cache.RemoveByTagsAsync(["blue", "none"]);
        await SettledAsync(other);
        await Eventually.Holds(() => !blue.Any(key => one.Cache.Contains(key)));
        Assert.Equal("again", await one.Cache.GetAsync(red[0]));
    }

    [Fact]
    public async Task What_was_being_loaded_when_its_tag_was_removed_is_found_by_nobody_later()
    {
        TaskCompletionSource begun = new(), answer = new();
        await using var one = await Node.OpenAsync(Patient);
        await using var other = await Node.OpenAsync(Patient);
        var loading = one.Cache.GetOrLoadAsync(
            "late",
            async (_, _, cancel) =>
            {
                begun.SetResult();
                await answer.Task.WaitAsync(cancel);
                return new Loaded<string>("old") { Tags = ["red"] };
            },
            0);
        await begun.Task;
        await other.Cache.RemoveByTagAsync("red");
        await SettledAsync(other);
        answer.SetResult();
        Assert.Equal("old", await loading);
        await SettledAsync(one);
        await using var fresh = await Node.OpenAsync(Patient);
        Assert.Equal("loaded late", await fresh.Cache.GetAsync("late"));
        await Eventually.Holds(async () => await one.Cache.GetAsync("late") == "loaded late");
    }

    private static Task SettledAsync(Node node) => Eventually.Holds(() => node.Cache.TierStatistics[0].Waiting == 0);

    // What is heard late of earlier changes may take some of it away once more.
    private static Task KeptAsync(Node node, string[] keys) => Eventually.Holds(async () =>
    {
        foreach (string key in keys) Assert.Equal("set", await node.Cache.GetAsync(key));
        return keys.All(key => node.Cache.Contains(key));
    });

    private static string[] Names(string group) => [.. Enumerable.Range(0, Each).Select(i => string.Create(CultureInfo.InvariantCulture, $"{group} {i}"))];
}

/// <summary>On one server.</summary>
public sealed class TagTests : TagContract, IAsyncLifetime
{
    private RedisServer _server = null!;

    internal override RedisOptions Options => _server.Options;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}

/// <summary>On a cluster, where stamps and entries lie anywhere.</summary>
[Collection(SharedCluster.Name)]
public sealed class ClusterTagTests(ClusterFixture cluster) : TagContract, IAsyncLifetime
{
    internal override RedisOptions Options => cluster.Options;

    public async ValueTask InitializeAsync()
    {
        await cluster.WholeAsync();
        await cluster.EmptyAsync();
    }

    public ValueTask DisposeAsync() => default;
}
