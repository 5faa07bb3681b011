using System.Diagnostics;
using System.Globalization;

namespace Larder.Redis.Tests.Support;

[CollectionDefinition(Name)]
public sealed class SharedCluster : ICollectionFixture<ClusterFixture>
{
    public const string Name = "cluster";
}

/// <summary>Three masters with a replica each, as they are set up by hand.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private const int Masters = 3;

    private readonly List<RedisServer> _servers = [];

    /// <summary>How to reach it: the first of the named servers is not there.</summary>
    internal RedisOptions Options => _servers[0].Options with
    {
        Port = RedisServer.FreePort(),
        MoreServers = [new("127.0.0.1", _servers[0].Port), new("127.0.0.1", _servers[1].Port)],
    };

    internal IReadOnlyList<RedisServer> Servers => _servers;

    public async ValueTask InitializeAsync()
    {
        for (int i = 0; i < 2 * Masters; i++)
        {
            // Longer than a busy machine may stand still: or a master that is well is given up, with writes that its replica does not have yet.
            _servers.Add(await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "3000", "--cluster-port", RedisServer.FreePort().ToString(CultureInfo.InvariantCulture),
                "--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"));
        }

        for (int i = 1; i < _servers.Count; i++) await On(i, "CLUSTER", "MEET", "127.0.0.1", Text(_servers[0].Port), await BusPortAsync(0));
        for (int i = 0; i < Masters; i++) await On(i, "CLUSTER", "ADDSLOTSRANGE", Text(16384 * i / Masters), Text((16384 * (i + 1) / Masters) - 1));
        for (int i = 0; i < _servers.Count; i++)
        {
            int server = i;
            await Eventually.Holds(async () => (await On(server, "CLUSTER", "NODES")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(static line => !line.Contains("handshake", StringComparison.Ordinal)) == _servers.Count);
        }

        for (int i = 0; i < Masters; i++) await On(Masters + i, "CLUSTER", "REPLICATE", await On(i, "CLUSTER", "MYID"));
        await WholeAsync();
    }

    /// <summary>Ends when every node knows that all is well, and every replica has what its master has.</summary>
    internal async Task WholeAsync()
    {
        foreach (var server in _servers)
        {
            await Eventually.Holds(async () =>
            {
                string nodes = await On(server, "CLUSTER", "NODES"), replication = await On(server, "INFO", "replication");
                return (await On(server, "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal)
                    && !nodes.Contains("fail", StringComparison.Ordinal)
                    && nodes.Split('\n').Count(static line => line.Contains("slave", StringComparison.Ordinal)) == Masters
                    && (replication.Contains("master_link_status:up", StringComparison.Ordinal) || replication.Contains("state=online", StringComparison.Ordinal));
            });
        }
    }

    /// <summary>Takes away all that there is.</summary>
    internal async Task EmptyAsync()
    {
        foreach (var server in _servers)
            if ((await On(server, "INFO", "replication")).Contains("role:master", StringComparison.Ordinal)) await On(server, "FLUSHALL");
    }

    /// <summary>Ends when every replica has what its master had at the beginning.</summary>
    internal async Task ReplicatedAsync()
    {
        foreach (var master in _servers)
        {
            string said = await On(master, "INFO", "replication");
            if (!said.Contains("role:master", StringComparison.Ordinal)) continue;
            long offset = Number(said, "master_repl_offset:");
            await Eventually.Holds(async () => Number(await On(master, "INFO", "replication"), ",offset=") >= offset);
        }
    }

    /// <summary>The master that owns a slot, by what it says itself.</summary>
    internal async Task<RedisServer> OwnerAsync(int slot) => (await OwnersAsync([slot]))[0];

    internal async Task<IReadOnlyList<RedisServer>> OwnersAsync(IEnumerable<int> slots)
    {
        // Who has just lost them may not have heard of it.
        RedisServer[][] owners = [];
        await Eventually.Holds(async () =>
        {
            var owned = new Dictionary<RedisServer, string[]>();
            foreach (var server in _servers)
            {
                string[] own = (await On(server, "CLUSTER", "NODES")).Split('\n').Single(static line => line.Contains("myself", StringComparison.Ordinal)).Split(' ');
                if (own[2].Contains("master", StringComparison.Ordinal)) owned[server] = own[8..];
            }

            owners = [.. slots.Select(slot => owned.Where(pair => pair.Value.Any(range => Holds(range, slot))).Select(static pair => pair.Key).ToArray())];
            return owners.All(static some => some.Length == 1);
        });
        return [.. owners.Select(static some => some[0])];
    }

    /// <summary>Moves a slot to another master, as <c>redis-cli --cluster reshard</c> does; half-way it stops for a while.</summary>
    internal async Task MoveAsync(int slot, Func<Task> halfway)
    {
        var from = await OwnerAsync(slot);
        var owners = await OwnersAsync(Enumerable.Range(0, 16384).Where(static slot => slot % 100 == 0));
        var to = owners.First(owner => owner != from);
        string name = Text(slot), fromId = await On(from, "CLUSTER", "MYID"), toId = await On(to, "CLUSTER", "MYID");
        await On(to, "CLUSTER", "SETSLOT", name, "IMPORTING", fromId);
        await On(from, "CLUSTER", "SETSLOT", name, "MIGRATING", toId);
        int all = int.Parse(await On(from, "CLUSTER", "COUNTKEYSINSLOT", name), CultureInfo.InvariantCulture);
        bool isHalfway = false;
        for (int moved = 0; ; moved++)
        {
            string keys = await On(from, "CLUSTER", "GETKEYSINSLOT", name, "1");
            if (keys.Length == 0) break;
            await MigrateAsync(from, to, keys);
            if (isHalfway || moved < all / 2) continue;
            isHalfway = true;
            await halfway();
        }

        foreach (var server in owners.Distinct().OrderByDescending(server => server == to)) await On(server, "CLUSTER", "SETSLOT", name, "NODE", toId);
    }

    // What one side does not answer in time may have arrived: as long as the first has it, it is the first's that counts.
    private static Task MigrateAsync(RedisServer from, RedisServer to, string key) => Eventually.Holds(async () =>
    {
        try
        {
            await On(from, "MIGRATE", "127.0.0.1", Text(to.Port), key, "0", "2000", "REPLACE");
            return true;
        }
        catch (RedisException error) when (error.Message.StartsWith("IOERR", StringComparison.Ordinal) || error.Message.Contains("CLUSTERDOWN", StringComparison.Ordinal))
        {
            return false;
        }
    });

    /// <summary>Has a master's replica take over from it, with all that it has.</summary>
    internal async Task SwitchAsync(RedisServer master)
    {
        string id = await On(master, "CLUSTER", "MYID");
        foreach (var server in _servers)
        {
            string[] own = (await On(server, "CLUSTER", "NODES")).Split('\n').Single(static line => line.Contains("myself", StringComparison.Ordinal)).Split(' ');
            if (own[3] != id) continue;
            // It may be refused by those who vote, if they have voted lately, and is given up then after five seconds; nobody says so.
            long? asked = null;
            await Eventually.Holds(async () =>
            {
                if ((await On(server, "ROLE")).StartsWith("master", StringComparison.Ordinal)) return true;
                if (asked is { } began && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(6)) return false;
                try
                {
                    await On(server, "CLUSTER", "FAILOVER");
                    asked = Stopwatch.GetTimestamp();
                }
                catch (RedisException)
                {
                    // It has just become the master, or does not hear of the master this moment.
                }

                return false;
            });
            return;
        }

        throw new InvalidOperationException($"The master on port {master.Port} has no replica.");
    }

    /// <summary>Has a node tell others that it is reached by another port. Ends when all have heard.</summary>
    internal async Task AnnounceAsync(RedisServer server, int port)
    {
        await On(server, "CONFIG", "SET", "cluster-announce-port", Text(port));
        foreach (var other in _servers) await Eventually.Holds(async () => (await On(other, "CLUSTER", "NODES")).Contains($":{port}@", StringComparison.Ordinal));
    }

    internal static async Task<string> On(RedisServer server, params string[] words)
    {
        using var admin = await Admin.OpenAsync(server.Port);
        return await admin.SayAsync(words);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }

    private Task<string> On(int server, params string[] words) => On(_servers[server], words);

    private async Task<string> BusPortAsync(int server) => (await On(server, "CONFIG", "GET", "cluster-port")).Split('\n')[^1];

    // "0-5460", "77", or "[77->-…" of one on its way.
    private static bool Holds(string range, int slot)
    {
        if (range.StartsWith('[')) return false;
        int[] ends = [.. range.Split('-').Select(static end => int.Parse(end, CultureInfo.InvariantCulture))];
        return slot >= ends[0] && slot <= ends[^1];
    }

    private static long Number(string text, string name) =>
        long.Parse(text.AsSpan(text.IndexOf(name, StringComparison.Ordinal) + name.Length).TrimStart().ToString().TakeWhile(char.IsAsciiDigit).ToArray(), NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
