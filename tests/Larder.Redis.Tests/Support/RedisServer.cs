using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Larder.Redis.Tests.Support;

/// <summary>A real server on a port of its own, gone when disposed.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    // Below those that systems take for connections going out.
    private const int FirstPort = 20_000, Ports = 12_000;

    private static int _ports = Random.Shared.Next(Ports); // Interlocked.

    private readonly string _folder = Directory.CreateTempSubdirectory("larder-redis-").FullName;
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServer(string[] arguments) => _arguments = arguments;

    public int Port { get; private set; }

    public bool IsRunning => _process is not null;

    public RedisOptions Options => new() { Host = "127.0.0.1", Port = Port, LinkTimeout = TimeSpan.FromSeconds(1), Reconnect = new() { First = TimeSpan.FromMilliseconds(20), Most = TimeSpan.FromMilliseconds(100) } };

    /// <summary>Starts one. Skips the test where there is no server to start, unless this is CI, where that is a failure.</summary>
    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(static folder => File.Exists(Path.Combine(folder, "redis-server")));
        if (!isThere && Environment.GetEnvironmentVariable("CI") is null) Assert.Skip("redis-server is not installed: apt-get install redis-server");
        var server = new RedisServer(arguments) { Port = FreePort() };
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again, on the same port, with nothing in it.</summary>
    public async Task StartAsync()
    {
        string port = Port.ToString(CultureInfo.InvariantCulture);
        _process = await RunAsync(Port, ["--port", port, "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "no", .. _arguments]);
    }

    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Starts a process, and waits until it listens.</summary>
    internal static async Task<Process> RunAsync(int port, IEnumerable<string> arguments)
    {
        var process = Process.Start(new ProcessStartInfo("redis-server", arguments) { RedirectStandardOutput = true })!;
        _ = process.StandardOutput.ReadToEndAsync();
        for (int i = 0; i < 500 && !process.HasExited; i++)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return process;
            }
            catch (SocketException)
            {
                await Task.Delay(10);
            }
        }

        throw new InvalidOperationException($"redis-server did not start on port {port}.");
    }

    /// <summary>A port that nobody has, nor is given by the system to a connection that is going out, and that is handed out once: so none is taken before it is used.</summary>
    internal static int FreePort()
    {
        while (true)
        {
            int port = FirstPort + (Interlocked.Increment(ref _ports) % Ports);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it: the next one, then.
            }
        }
    }
}
