using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Larder.Benchmarks.Ratios;

/// <summary>A server that runs as long as it is measured.</summary>
internal sealed class RedisProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private RedisProcess(Process process, int port, string folder) => (_process, Options, _folder) = (process, new() { Host = "127.0.0.1", Port = port }, folder);

    internal RedisOptions Options { get; }

    /// <summary>Starts one on a free port, in a folder of its own.</summary>
    internal static RedisProcess Start(params string[] more)
    {
        int port = FreePort();
        string folder = Directory.CreateTempSubdirectory("larder-bench-").FullName;
        string[] arguments = ["--port", Text(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", folder, .. more];
        return new(Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })!, port, folder);
    }

    /// <summary>Starts three masters that are a cluster.</summary>
    internal static async Task<IReadOnlyList<RedisProcess>> StartClusterAsync()
    {
        RedisProcess[] nodes = [.. Enumerable.Range(0, 3).Select(static _ => Start("--cluster-enabled", "yes", "--cluster-port", Text(FreePort())))];
        foreach (var node in nodes) (await ConnectSocketAsync(node.Options)).Dispose();
        string[] create = ["--cluster", "create", .. nodes.Select(static node => $"127.0.0.1:{node.Options.Port}"), "--cluster-yes"];
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", create) { RedirectStandardOutput = true })!;
        string said = await cli.StandardOutput.ReadToEndAsync();
        await cli.WaitForExitAsync();
        return cli.ExitCode == 0 ? nodes : throw new InvalidOperationException($"redis-cli could not make a cluster: {said}");
    }

    /// <summary>Connects, as soon as it listens.</summary>
    internal static async Task<RedisClient> ConnectAsync(RedisOptions options)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await RedisClient.ConnectAsync(options);
            }
            catch (RedisConnectionException) when (i < 100)
            {
                await Task.Delay(20);
            }
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<Socket> ConnectSocketAsync(RedisOptions options)
    {
        for (int i = 0; ; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(options.Host, options.Port);
                return socket;
            }
            catch (SocketException) when (i < 100)
            {
                socket.Dispose();
                await Task.Delay(20);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
