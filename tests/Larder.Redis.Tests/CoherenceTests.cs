using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

/// <summary>Two caches as of two processes, each over a link of its own to a real server.</summary>
public sealed class CoherenceTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private Node _one = null!;
    private Node _other = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _one = await Node.OpenAsync(Node.Patient(_server.Options));
        _other = await Node.OpenAsync(Node.Patient(_server.Options));
    }

    public async ValueTask DisposeAsync()
    {
        if (_one is not null) await _one.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_one_loads_the_other_reads_from_the_server()
    {
        Assert.Equal("loaded a", await _one.Cache.GetAsync("a"));
        await Eventually(async () => (await _other.Cache.ReadAsync("a")).Tier is "redis" or "memory");
        Assert.Equal("loaded a", await _other.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task What_one_writes_removes_or_clears_leaves_the_others_memory()
    {
        foreach (var change in new Func<Task>[]
                 {
                     () => _one.Cache.SetAsync("a", "new").AsTask(),
                     () => _one.Cache.RemoveAsync("a").AsTask(),
                     () => _one.Cache.ClearAsync().AsTask(),
                 })
        {
            await Eventually(async () =>
            {
                await _other.Cache.SetAsync("a", "old"); // A removal is told twice, and the second word may have been on its way still.
                return !_one.Cache.Contains("a") && _other.Cache.Contains("a");
            });
            await change();
            await Eventually(() => Task.FromResult(!_other.Cache.Contains("a")));
        }
    }

    [Fact]
    public async Task What_begins_as_one_says_leaves_the_others_memory_and_nothing_else_does()
    {
        foreach (string key in new[] { "user/1", "user/2", "shop/1" }) await _other.Cache.SetAsync(key, "old");
        await using var teller = new TrackingChannel(_one.Client, "node");
        await teller.PublishAsync(Invalidation.OfPrefix(new("node/0/s/user/")));
        await Eventually(() => Task.FromResult(!_other.Cache.Contains("user/1") && !_other.Cache.Contains("user/2")));
        Assert.True(_other.Cache.Contains("shop/1"));
    }

    [Fact]
    public async Task What_one_removes_by_its_beginning_is_gone_everywhere_and_stays_where_it_begins_otherwise()
    {
        foreach (string key in new[] { "user/1", "user/2", "shop/1" })
        {
            await _one.Cache.SetAsync(key, "old");
            await Eventually(async () => await _other.Cache.GetAsync(key) == "old");
        }

        await _one.Cache.RemoveByPrefixAsync("user/");
        Assert.False(_one.Cache.Contains("user/1"));
        Assert.True(_one.Cache.Contains("shop/1"));
        foreach (string key in new[] { "user/1", "user/2" })
        {
            await Eventually(() => Task.FromResult(!_other.Cache.Contains(key)));
            Assert.Equal($"loaded {key}", await _other.Cache.GetAsync(key));
        }
    }

    [Fact]
    public async Task The_removal_of_a_key_that_the_server_does_not_have_reaches_the_others_too()
    {
        await _other.Cache.SetAsync("a", new string('x', 2000)); // Too long for the tier.
        Assert.True(_other.Cache.Contains("a"));
        await _one.Cache.RemoveAsync("a");
        await Eventually(() => Task.FromResult(!_other.Cache.Contains("a")));
    }

    [Fact]
    public async Task A_process_does_not_evict_its_own_write()
    {
        for (int i = 0; i < 50; i++) await _one.Cache.SetAsync($"{i}", "mine");
        await _other.Cache.SetAsync("mark", "x"); // What comes behind the echoes, were there any.
        await Eventually(() => Task.FromResult(_one.Cache.CoherenceStatistics.Heard >= 1));
        Assert.All(Enumerable.Range(0, 50), i => Assert.True(_one.Cache.Contains($"{i}")));
    }

    [Fact]
    public async Task A_server_that_dies_costs_loads_only_and_nothing_old_survives_its_return()
    {
        await _one.Cache.SetAsync("a", "old");
        await _server.KillAsync();
        await Eventually(() => Task.FromResult(!_one.Cache.CoherenceStatistics.IsLinked && !_one.Cache.Contains("a")));
        Assert.Equal("loaded a", await _one.Cache.GetAsync("a"));
        Assert.False(_one.Cache.Contains("a"));
        await _server.StartAsync();
        await Eventually(async () =>
        {
            await _one.Cache.GetAsync("a");
            return _one.Cache.CoherenceStatistics.IsLinked && _one.Cache.Contains("a");
        });
        await Eventually(async () => (await _other.Cache.ReadAsync("a")).Tier is "redis" or "memory");
    }

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds()) await Task.Delay(5, patience.Token);
    }
}
