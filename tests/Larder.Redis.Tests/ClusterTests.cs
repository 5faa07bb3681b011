using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

/// <summary>A client of a real cluster of three masters, while all is well.</summary>
[Collection(SharedCluster.Name)]
public sealed class ClusterTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_cluster_is_found_though_a_named_server_is_away_and_every_master_is_used()
    {
        await using var client = await RedisClient.ConnectAsync(cluster.Options);
        Assert.True(client.IsConnected);
        Assert.Equal(3, client.Nodes.Count);
        await using var tier = new RedisTier(client, "spread");
        TierKey[] keys = [.. Enumerable.Range(0, 300).Select(static i => new TierKey(Name(i)))];
        await tier.SetAsync([.. keys.Select(static (key, i) => new TierEntry(key, Value(i), DateTimeOffset.MaxValue))]);
        using var found = new TierPayloads(keys.Length);
        await tier.GetAsync(keys, found);
        for (int i = 0; i < keys.Length; i++) Assert.True(found.TryGet(i, out var value) && value.Span.SequenceEqual(Value(i)), $"Key {i} is not what it was.");
        foreach (var server in cluster.Servers.Take(3)) Assert.NotEqual("0", await ClusterFixture.On(server, "DBSIZE"));

        await tier.RemoveAsync(keys[..100]);
        found.Reset(keys.Length);
        await tier.GetAsync(keys, found);
        Assert.Equal(200, Enumerable.Range(0, keys.Length).Count(i => found.TryGet(i, out _)));
        Assert.Equal(200, await tier.RemovePrefixesAsync([new("spread/")]));
    }

    [Fact]
    public async Task A_database_is_refused()
    {
        var error = await Assert.ThrowsAsync<RedisException>(async () => await RedisClient.ConnectAsync(cluster.Options with { Database = 2 }));
        Assert.Contains("Database is 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_cleared_is_never_found_again_by_anybody()
    {
        await using RedisClient first = await RedisClient.ConnectAsync(cluster.Options), second = await RedisClient.ConnectAsync(cluster.Options);
        await using RedisTier one = new(first, "clear"), other = new(second, "clear");
        TierKey[] keys = [.. Enumerable.Range(0, 200).Select(static i => new TierKey($"clear/{i}"))];
        for (int round = 0; round < 5; round++)
        {
            await one.SetAsync([.. keys.Select(key => new TierEntry(key, Value(round), DateTimeOffset.MaxValue))]);
            Assert.Equal(keys.Length, await CountAsync(other, keys));
            await one.ClearAsync();
            Assert.Equal(0, await CountAsync(other, keys));
        }
    }

    [Theory]
    [InlineData(RedisTracking.ByPrefix)]
    [InlineData(RedisTracking.ByKey)]
    public async Task What_one_changes_anywhere_leaves_the_others_memory(RedisTracking tracking)
    {
        const int keys = 30;
        await using var one = await Node.OpenAsync(Node.Patient(cluster.Options) with { Tracking = tracking });
        await using var other = await Node.OpenAsync(Node.Patient(cluster.Options) with { Tracking = tracking });
        foreach (var change in new Func<string, Task>[] { key => one.Cache.SetAsync(key, "new").AsTask(), key => one.Cache.RemoveAsync(key).AsTask() })
        {
            for (int i = 0; i < keys; i++)
            {
                string key = Name(i);
                await other.Cache.SetAsync(key, "old");
                await KeptAsync(other, key);
                await change(key);
                await Eventually.Holds(() => !other.Cache.Contains(key));
            }
        }

        for (int round = 0; round < 6; round++)
        {
            var (clears, hears) = round % 2 == 0 ? (one, other) : (other, one);
            await Eventually.Holds(async () =>
            {
                for (int i = 0; i < keys; i++) await hears.Cache.GetAsync(Name(i));
                return Enumerable.Range(0, keys).All(i => hears.Cache.Contains(Name(i)));
            });
            await clears.Cache.ClearAsync();
            await Eventually.Holds(() => Enumerable.Range(0, keys).All(i => !hears.Cache.Contains(Name(i))));
        }

        Assert.Equal(0, one.Cache.CoherenceStatistics.Losses);
    }

    [Fact]
    public async Task What_is_too_long_for_the_tier_is_told_of_too()
    {
        await using var one = await Node.OpenAsync(Node.Patient(cluster.Options));
        await using var other = await Node.OpenAsync(Node.Patient(cluster.Options));
        await other.Cache.SetAsync("long", new string('x', 2000));
        Assert.True(other.Cache.Contains("long"));
        await one.Cache.RemoveAsync("long");
        await Eventually.Holds(() => !other.Cache.Contains("long"));
    }

    [Fact]
    public async Task Messages_are_heard_once_and_in_their_order_though_every_node_passes_them_on()
    {
        const int messages = 300;
        await using RedisClient first = await RedisClient.ConnectAsync(Node.Patient(cluster.Options)), second = await RedisClient.ConnectAsync(Node.Patient(cluster.Options));
        await using PubSubChannel speaker = new(first, "talk"), listener = new(second, "talk");
        Ear own = new(), ear = new();
        await speaker.ListenAsync(own);
        await listener.ListenAsync(ear);
        for (int i = 0; i < messages; i++) await speaker.PublishAsync(Invalidation.Of(new TierKey(Name(i))));
        await Eventually.Holds(() => ear.Keys >= messages);
        await speaker.PublishAsync(Invalidation.Everything);
        await Eventually.Holds(() => ear.Said[^1] == "everything");
        Assert.Equal(["restored", .. Enumerable.Range(0, messages).Select(static i => $"keys {Name(i)}"), "everything"], ear.Said);
        Assert.Equal(["restored"], own.Said);
    }

    [Fact]
    public async Task Answers_are_measured_under_the_address_of_the_node_that_gave_them()
    {
        var ports = new ConcurrentDictionary<int, bool>();
        using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => { if (instrument.Name == "larder.redis.command.duration") listener.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var (name, value) in tags)
                if (name == "server.port") ports[(int)value!] = true;
        });
        listener.Start();
        await using var client = await RedisClient.ConnectAsync(cluster.Options);
        await using var tier = new RedisTier(client, "spread");
        await CountAsync(tier, [.. Enumerable.Range(0, 100).Select(static i => new TierKey(Name(i)))]);
        Assert.All(client.Nodes, node => Assert.Contains(node.Address!.Port, ports.Keys));
    }

    [Fact]
    public async Task Of_all_processes_one_loads_a_key()
    {
        int loads = 0;
        Func<string, CancellationToken, ValueTask<string>> load = async (key, cancel) =>
        {
            Interlocked.Increment(ref loads);
            await Task.Delay(50, cancel);
            return $"loaded {key}";
        };
        await using var one = await Node.OpenAsync(Node.Patient(cluster.Options), load);
        await using var other = await Node.OpenAsync(Node.Patient(cluster.Options), load);
        await one.Cache.ClearAsync();
        for (int round = 1; round <= 10; round++)
        {
            string key = $"cold {round}";
            var reads = Enumerable.Range(0, 100).Select(i => Task.Run(() => (i % 2 == 0 ? one : other).Cache.GetAsync(key).AsTask()));
            Assert.All(await Task.WhenAll(reads), value => Assert.Equal($"loaded {key}", value));
            Assert.Equal(round, loads);
        }
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"spread/{i}");

    private static byte[] Value(int i) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"value {i}"));

    private static Task KeptAsync(Node node, string key) => Eventually.Holds(async () =>
    {
        await node.Cache.GetAsync(key);
        return node.Cache.Contains(key);
    });

    private static async Task<int> CountAsync(RedisTier tier, TierKey[] keys)
    {
        using var found = new TierPayloads(keys.Length);
        await tier.GetAsync(keys, found);
        return Enumerable.Range(0, keys.Length).Count(i => found.TryGet(i, out _));
    }
}
