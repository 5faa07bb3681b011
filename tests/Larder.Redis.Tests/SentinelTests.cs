using Larder.Redis.Tests.Support;
using Larder.TestKit;

namespace Larder.Redis.Tests;

/// <summary>A client of a master that real sentinels watch.</summary>
public sealed class SentinelTests
{
    [Fact]
    public async Task When_the_master_changes_or_dies_the_new_one_is_found_under_load_and_nothing_old_survives()
    {
        await using var setup = await SentinelSetup.StartAsync();
        await using var client = await RedisClient.ConnectAsync(setup.Options);
        var tier = new RedisTier(client, "watched");
        string[] keys = [.. Enumerable.Range(0, 100).Select(static i => $"watched/{i}")];
        await TierLoad.WriteAsync(tier, keys);
        await using var one = await Node.OpenAsync(setup.Options);
        await using var other = await Node.OpenAsync(setup.Options);
        await one.Cache.SetAsync("a", "old");
        await using var load = new TierLoad(tier, keys, Seeds.Next()) { LosesWrites = true };
        foreach (bool dies in new[] { false, true })
        {
            await load.GoOnAsync(1000, 100);
            await setup.WholeAsync();
            var before = await setup.MasterAsync();
            if (dies) await before.KillAsync();
            else await setup.SwitchAsync();
            await Eventually.Holds(async () => await setup.MasterAsync() != before);
            await load.GoOnAsync(1000, 100);

            // Until the old one has been told, and the client has, both take writes: what the old one takes then is lost, as Redis has it.
            var master = await setup.MasterAsync();
            await Eventually.Holds(async () => await TryWriteAsync(tier, "watched/new") && await SentinelSetup.On(master, "EXISTS", "larder:watched/new") == "1");
            await TierLoad.FoundAsync(tier, keys);
            await Eventually.Holds(() => one.Cache.CoherenceStatistics.IsLinked && other.Cache.CoherenceStatistics.IsLinked);
            await Eventually.Holds(async () =>
            {
                await other.Cache.SetAsync("a", $"new {dies}");
                return await one.Cache.GetAsync("a") == $"new {dies}";
            });
            await Eventually.Holds(async () => await TryAsync(() => tier.RemoveAsync([new("watched/new")])));
        }

        await load.DisposeAsync();
    }

    [Fact]
    public async Task What_is_no_sentinel_a_sentinel_without_a_name_and_an_unknown_name_are_said_plainly()
    {
        await using var setup = await SentinelSetup.StartAsync();
        var options = setup.Options with { Port = setup.SentinelPorts[0], MoreServers = [] };
        await Refused(options with { Sentinel = options.Sentinel! with { Master = "nobody" } }, "knows no master called 'nobody'");
        await Refused(options with { Port = setup.Servers[0].Port, Sentinel = options.Sentinel! with { Password = "secret" } }, "is no sentinel");
        await Refused(options with { Sentinel = null, Password = "watch" }, "name the master it watches");
        await Refused(options with { Sentinel = options.Sentinel! with { Password = "wrong" } }, "WRONGPASS");
    }

    [Fact]
    public async Task Of_a_master_and_its_replicas_the_master_is_taken_and_one_that_is_demoted_is_left()
    {
        await using var first = await RedisServer.StartAsync("--repl-diskless-sync-delay", "0");
        await using var second = await RedisServer.StartAsync("--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1", $"{first.Port}");
        await using var client = await RedisClient.ConnectAsync(first.Options with { Port = second.Port, MoreServers = [new("127.0.0.1", first.Port)] });
        var tier = new RedisTier(client, "pair");
        await tier.SetAsync([new(new("pair/a"), TierLoad.Fixed("a"), DateTimeOffset.MaxValue)]);
        await Eventually.Holds(async () => await ClusterFixture.On(second, "EXISTS", "larder:pair/a") == "1");

        // Nobody says so; the first write that is refused does.
        await ClusterFixture.On(second, "REPLICAOF", "NO", "ONE");
        await ClusterFixture.On(first, "REPLICAOF", "127.0.0.1", $"{second.Port}");
        await Eventually.Holds(async () => await TryWriteAsync(tier, "pair/b") && await ClusterFixture.On(second, "EXISTS", "larder:pair/b") == "1");
        await TierLoad.FoundAsync(tier, ["pair/a"], static _ => "value of a");
    }

    private static Task<bool> TryWriteAsync(RedisTier tier, string key) => TryAsync(() => tier.SetAsync([new(new(key), TierLoad.Fixed(key), DateTimeOffset.MaxValue)]));

    private static async Task<bool> TryAsync(Func<ValueTask> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception error) when (error is RedisException or RedisConnectionException or TimeoutException)
        {
            return false;
        }
    }

    private static async Task Refused(RedisOptions options, string reason)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(async () => await RedisClient.ConnectAsync(options));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
