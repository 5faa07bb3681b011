using System.Diagnostics;
using System.Globalization;

namespace Larder.Redis.Tests.Support;

/// <summary>A master, two replicas, and three sentinels that watch them.</summary>
internal sealed class SentinelSetup : IAsyncDisposable
{
    private const string Name = "mymaster";

    private readonly string _folder = Directory.CreateTempSubdirectory("larder-sentinel-").FullName;
    private readonly List<RedisServer> _servers = [];
    private readonly List<(int Port, Process Process)> _sentinels = [];

    /// <summary>How to reach it: the first of the named sentinels is not there.</summary>
    public RedisOptions Options => _servers[0].Options with
    {
        Port = RedisServer.FreePort(),
        MoreServers = [.. _sentinels.Select(static sentinel => new System.Net.DnsEndPoint("127.0.0.1", sentinel.Port))],
        Sentinel = new(Name) { Password = "watch" },
        Password = "secret",
    };

    public IReadOnlyList<RedisServer> Servers => _servers;

    public IReadOnlyList<int> SentinelPorts => [.. _sentinels.Select(static sentinel => sentinel.Port)];

    public static async Task<SentinelSetup> StartAsync()
    {
        var setup = new SentinelSetup();
        try
        {
            string[] login = ["--requirepass", "secret", "--masterauth", "secret", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
            setup._servers.Add(await RedisServer.StartAsync(login));
            for (int i = 0; i < 2; i++) setup._servers.Add(await RedisServer.StartAsync([.. login, "--replicaof", "127.0.0.1", Text(setup._servers[0].Port)]));
            for (int i = 0; i < 3; i++) await setup.WatchAsync(i);
            await setup.WholeAsync();
            return setup;
        }
        catch
        {
            await setup.DisposeAsync();
            throw;
        }
    }

    /// <summary>The server that says it is the master, and that the sentinels say is.</summary>
    public async Task<RedisServer> MasterAsync()
    {
        RedisServer? master = null;
        await Eventually.Holds(async () =>
        {
            string[] address = (await OnSentinel("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Name)).Split('\n');
            master = _servers.Find(server => Text(server.Port) == address[1]);
            return master is { IsRunning: true } && (await On(master, "ROLE")).StartsWith("master", StringComparison.Ordinal);
        });
        return master!;
    }

    /// <summary>Has the sentinels choose another master, though this one is well. Ends when they have.</summary>
    public async Task SwitchAsync()
    {
        var before = await MasterAsync();

        // Refused while they have not heard of the replicas for a while, and given up when the replica is slow: nobody says so.
        long? asked = null;
        await Eventually.Holds(async () =>
        {
            if (await MasterAsync() != before) return true;
            if (asked is { } began && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(8)) return false;
            try
            {
                await OnSentinel("SENTINEL", "FAILOVER", Name);
                asked = Stopwatch.GetTimestamp();
            }
            catch (RedisException error) when (error.Message.StartsWith("NOGOODSLAVE", StringComparison.Ordinal) || error.Message.StartsWith("INPROG", StringComparison.Ordinal))
            {
                // Soon, then.
            }

            return false;
        });
    }

    /// <summary>Ends when the sentinels know each other and two replicas that have what the master has.</summary>
    public async Task WholeAsync()
    {
        foreach (var (port, _) in _sentinels)
        {
            await Eventually.Holds(async () =>
            {
                using var admin = await Admin.OpenAsync(port, "watch");
                string[] state = (await admin.SayAsync("SENTINEL", "MASTER", Name)).Split('\n');
                return Value(state, "num-slaves") == "2" && Value(state, "num-other-sentinels") == "2" && Value(state, "flags") == "master";
            });
        }

        var master = await MasterAsync();
        await Eventually.Holds(async () => (await On(master, "INFO", "replication")).Split("state=online").Length == 3);
    }

    public static async Task<string> On(RedisServer server, params string[] words)
    {
        using var admin = await Admin.OpenAsync(server.Port, "secret");
        return await admin.SayAsync(words);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, process) in _sentinels)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        foreach (var server in _servers) await server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> OnSentinel(params string[] words)
    {
        using var admin = await Admin.OpenAsync(_sentinels[0].Port, "watch");
        return await admin.SayAsync(words);
    }

    private async Task WatchAsync(int number)
    {
        int port = RedisServer.FreePort();
        string file = Path.Combine(_folder, $"sentinel-{number}.conf");
        await File.WriteAllTextAsync(file, $"""
            port {port}
            bind 127.0.0.1
            dir {_folder}
            requirepass watch
            sentinel sentinel-pass watch
            sentinel monitor {Name} 127.0.0.1 {_servers[0].Port} 2
            sentinel auth-pass {Name} secret
            sentinel down-after-milliseconds {Name} 3000
            sentinel failover-timeout {Name} 6000
            """);
        _sentinels.Add((port, await RedisServer.RunAsync(port, [file, "--sentinel"])));
    }

    private static string Value(string[] state, string name) => state[Array.IndexOf(state, name) + 1];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
