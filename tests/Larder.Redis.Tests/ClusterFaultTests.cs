using System.Globalization;
using Larder.Redis.Protocol;
using Larder.Redis.Tests.Support;
using Larder.TestKit;

namespace Larder.Redis.Tests;

/// <summary>A client of a real cluster whose masters die and whose slots move, under load.</summary>
[Collection(SharedCluster.Name)]
public sealed class ClusterFaultTests(ClusterFixture cluster)
{
    private RedisOptions Options => cluster.Options with { CommandTimeout = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task A_master_that_is_killed_costs_its_share_until_its_replica_takes_over_and_nothing_old_survives()
    {
        await cluster.WholeAsync();
        await using var client = await RedisClient.ConnectAsync(Options with { LinkTimeout = TimeSpan.FromSeconds(10) }); // Who is killed closes its links: so nothing is missed before.
        var tier = new RedisTier(client, "failover");
        string[] keys = [.. Enumerable.Range(0, 300).Select(static i => $"failover/{i}")];
        await TierLoad.WriteAsync(tier, keys);
        await cluster.ReplicatedAsync();
        await using var one = await Node.OpenAsync(Options);
        await using var other = await Node.OpenAsync(Options);
        await one.Cache.SetAsync("a", "old");
        await other.Cache.SetAsync("b", "old");
        await using PubSubChannel speaker = new(one.Client, "failover"), listener = new(other.Client, "failover");
        var ear = new Ear();
        await speaker.ListenAsync(new Ear());
        await listener.ListenAsync(ear);

        var dying = await cluster.OwnerAsync(RedisNames.Slot(new(keys[0])));
        var owners = await cluster.OwnersAsync(keys.Select(static key => RedisNames.Slot(new(key))));
        string[] healthy = [.. keys.Where((_, i) => owners[i] != dying)];
        await using var load = new TierLoad(tier, keys, Seeds.Next()) { LosesWrites = true };
        await load.GoOnAsync(2000, 200);
        long missed = load.Missed;
        Assert.Equal(0, missed);
        await dying.KillAsync();
        await Eventually.Holds(() => !client.IsConnected && load.Missed > 0);
        await Eventually.Holds(() => !one.Cache.CoherenceStatistics.IsLinked && !other.Cache.CoherenceStatistics.IsLinked);
        Assert.False(one.Cache.Contains("a"));
        Assert.All(await Task.WhenAll(healthy.Select(key => TierLoad.ReadAsync(tier, key))), Assert.NotNull);

        // The replica has taken over: nothing is lost that it had, and writes arrive.
        await Eventually.Holds(() => client.IsConnected);
        await TierLoad.FoundAsync(tier, keys);
        await load.GoOnAsync(2000, 200);
        await load.DisposeAsync();
        Assert.True(load.Failed > 0);

        await Eventually.Holds(() => one.Cache.CoherenceStatistics.IsLinked && other.Cache.CoherenceStatistics.IsLinked);
        await CoherentAsync(one, other);
        await Eventually.Holds(async () =>
        {
            await speaker.PublishAsync(Invalidation.Of(new TierKey("failover/said")));
            return ear.Said[^1] == "keys failover/said";
        });
        Assert.Contains("lost", ear.Said);
        await dying.StartAsync();
        await cluster.WholeAsync();
        await CoherentAsync(one, other);
    }

    [Fact]
    public async Task A_slot_that_moves_under_load_loses_nothing_and_what_is_in_it_stays_coherent()
    {
        await cluster.WholeAsync();
        await using var client = await RedisClient.ConnectAsync(Options with { CommandTimeout = TimeSpan.FromSeconds(6), LinkTimeout = TimeSpan.FromSeconds(30) }); // Nothing fails because the machine is busy.
        var tier = new RedisTier(client, "move");
        await using var one = await Node.OpenAsync(Options);
        await using var other = await Node.OpenAsync(Options);

        // All of one slot, by their tag, and those the callers write too.
        string[] keys = [.. Enumerable.Range(0, 300).Select(static i => $"move/{{t}}/{i}")];
        int slot = HashSlot.Of("t"u8);
        await TierLoad.WriteAsync(tier, keys);
        await using var load = new TierLoad(tier, keys, Seeds.Next());
        for (int round = 0; round < 3; round++)
        {
            await load.GoOnAsync(500, 50);
            await cluster.MoveAsync(slot, async () =>
            {
                // On its way: some here, some there, some nowhere.
                await load.GoOnAsync(100, 20);
                Assert.Null(await TierLoad.ReadAsync(tier, "move/{t}/none"));
                await CoherentAsync(one, other, "{t}");
                await tier.SetAsync([new(new($"move/{{t}}/new{round}"), TierLoad.Fixed("new"), DateTimeOffset.MaxValue)]);
            });
            await load.GoOnAsync(500, 50);
            Assert.Equal("value of new", await TierLoad.ReadAsync(tier, $"move/{{t}}/new{round}"));
            await CoherentAsync(one, other, "{t}");
        }

        await load.DisposeAsync();
        Assert.Equal(0, load.Missed);
        Assert.Equal(0, load.Failed);
        await tier.ClearAsync();
        Assert.Null(await TierLoad.ReadAsync(tier, keys[0]));
    }

    [Fact]
    public async Task A_master_that_falls_silent_is_noticed_costs_its_share_and_nothing_old_survives()
    {
        await cluster.WholeAsync();
        var silent = await cluster.OwnerAsync(RedisNames.Slot(new("node/0/s/a")));
        await using var proxy = new FaultProxy(silent.Port);
        await cluster.AnnounceAsync(silent, proxy.Port);
        try
        {
            await using var one = await Node.OpenAsync(Options);
            await using var other = await Node.OpenAsync(Options);
            await Eventually.Holds(() => IsThroughProxy(one) && IsThroughProxy(other));
            await Eventually.Holds(async () =>
            {
                await other.Cache.SetAsync("a", "old"); // Who has just learnt of the port may have to begin anew.
                return other.Cache.Contains("a");
            });
            proxy.Swallows = true;
            await Eventually.Holds(() => !other.Cache.CoherenceStatistics.IsLinked && !other.Cache.Contains("a"));
            Assert.Equal("loaded a", await other.Cache.GetAsync("a"));
            Assert.False(other.Cache.Contains("a"));
            proxy.Behave();
            await Eventually.Holds(() => IsThroughProxy(one) && IsThroughProxy(other));
            await CoherentAsync(one, other);
        }
        finally
        {
            await cluster.AnnounceAsync(silent, silent.Port);
            await cluster.WholeAsync();
        }

        bool IsThroughProxy(Node node) => node.Cache.CoherenceStatistics.IsLinked && node.Client.Nodes is { Count: 3 } nodes && nodes.Any(master => master.Address!.Port == proxy.Port);
    }

    // What one writes, the other has, though it had another value in memory before.
    private static async Task CoherentAsync(Node one, Node other, string tag = "")
    {
        for (int i = 0; i < 20; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"coherent{tag}{i}"), value = Guid.NewGuid().ToString();
            await other.Cache.SetAsync(key, "old");
            await one.Cache.SetAsync(key, value);
            await Eventually.Holds(async () => await other.Cache.GetAsync(key) == value && await one.Cache.GetAsync(key) == value);
        }
    }
}
