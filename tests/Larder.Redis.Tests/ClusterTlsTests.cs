using System.Globalization;
using Larder.Redis.Protocol;
using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

/// <summary>A real cluster that speaks TLS and asks for a user and a password: every link is encrypted and logged in, those too that a redirection makes.</summary>
public sealed class ClusterTlsTests : IAsyncLifetime
{
    private const int Masters = 3;

    private readonly Certificate _certificate = new();
    private readonly List<(RedisServer Server, int Port, int BusPort)> _nodes = [];

    private RedisOptions Options => Node.Patient(_nodes[0].Server.Options) with { Port = _nodes[0].Port, Tls = _certificate.Trust(), User = "shop", Password = "secret" };

    // Three that share the slots, and one more that nobody has met.
    public async ValueTask InitializeAsync()
    {
        for (int i = 0; i <= Masters; i++)
        {
            int port = RedisServer.FreePort(), busPort = RedisServer.FreePort();
            _nodes.Add((await RedisServer.StartAsync(["--tls-port", Text(port), "--tls-cluster", "yes", .. _certificate.Arguments, "--cluster-enabled", "yes", "--cluster-node-timeout", "5000",
                "--cluster-port", Text(busPort), "--requirepass", "root", "--user", "shop", "on", ">secret", "~larder*", "&*", "+@all"]), port, busPort));
        }

        for (int i = 1; i <= Masters; i++) await On(i, "CLUSTER", "MEET", "127.0.0.1", Text(_nodes[0].Port), Text(_nodes[0].BusPort));
        for (int i = 0; i < Masters; i++) await On(i, "CLUSTER", "ADDSLOTSRANGE", Text(HashSlot.Count * i / Masters), Text((HashSlot.Count * (i + 1) / Masters) - 1));
        for (int i = 0; i <= Masters; i++)
        {
            int node = i;
            await Eventually.Holds(async () => (await On(node, "CLUSTER", "INFO")) is var said && said.Contains("cluster_state:ok", StringComparison.Ordinal)
                && said.Contains($"cluster_known_nodes:{Masters + 1}", StringComparison.Ordinal) && said.Contains($"cluster_size:{Masters}", StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, _, _) in _nodes) await server.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task Keys_of_all_slots_are_written_read_and_removed_and_others_hear_of_it()
    {
        await using var client = await RedisClient.ConnectAsync(Options);
        Assert.Equal(Masters, client.Nodes.Count);
        await using var tier = new RedisTier(client, "spread");
        string[] keys = [.. Enumerable.Range(0, 200).Select(static i => $"spread/{i}")];
        await TierLoad.WriteAsync(tier, keys);
        await TierLoad.FoundAsync(tier, keys);
        for (int i = 0; i < Masters; i++) Assert.NotEqual("0", await On(i, "DBSIZE"));
        using var found = new TierPayloads(keys.Length);
        await tier.GetAsync([.. keys.Select(static key => new TierKey(key))], found);
        Assert.All(Enumerable.Range(0, keys.Length), i => Assert.True(found.TryGet(i, out var value) && value.Span.SequenceEqual(TierLoad.Fixed(keys[i]))));

        await using var one = await Node.OpenAsync(Options);
        await using var other = await Node.OpenAsync(Options);
        for (int i = 0; i < 20; i++)
        {
            string key = Text(i);
            await other.Cache.SetAsync(key, "old");
            await one.Cache.SetAsync(key, "new");
            await Eventually.Holds(async () => await other.Cache.GetAsync(key) == "new");
        }
    }

    [Fact]
    public async Task A_node_that_a_redirection_names_is_met_in_the_same_way()
    {
        await using var client = await RedisClient.ConnectAsync(Options);
        await using var tier = new RedisTier(client, "moved");
        await TierLoad.WriteAsync(tier, ["moved/first"]);

        // Nothing is in the slot, so it goes at once; and the client does not ask for the map before its link's time is over.
        const string key = "moved/{elsewhere}";
        string slot = Text(RedisNames.Slot(new(key))), id = await On(Masters, "CLUSTER", "MYID");
        foreach (int node in new[] { Masters, 0, 1, 2 }) await On(node, "CLUSTER", "SETSLOT", slot, "NODE", id);
        Assert.DoesNotContain(client.Nodes, node => node.Address!.Port == _nodes[Masters].Port);
        await TierLoad.WriteAsync(tier, [key]);
        Assert.Equal($"value of {key}", await TierLoad.ReadAsync(tier, key));
        Assert.Contains(client.Nodes, node => node.Address!.Port == _nodes[Masters].Port && node.Link is not null);
        Assert.Equal("1", await On(Masters, "EXISTS", $"larder:{key}"));
        Assert.Contains("user=shop", await On(Masters, "CLIENT", "LIST"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_speak_TLS_or_has_another_password_is_refused()
    {
        await Assert.ThrowsAsync<RedisException>(async () => await RedisClient.ConnectAsync(Options with { Password = "wrong" }));
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisClient.ConnectAsync(Options with { Tls = null, ConnectTimeout = TimeSpan.FromSeconds(2) }));
    }

    private async Task<string> On(int node, params string[] words)
    {
        using var admin = await Admin.OpenAsync(_nodes[node].Server.Port, "root");
        return await admin.SayAsync(words);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
