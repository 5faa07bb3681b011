using System.Diagnostics;
using Larder.Redis.Tests.Support;
using Larder.Redis.Victim;

namespace Larder.Redis.Tests;

/// <summary>Real processes over one server, with many callers of one cold key.</summary>
public sealed class StampedeTests : IAsyncLifetime
{
    private const int Processes = 4, Callers = 250;

    private readonly string _folder = Directory.CreateTempSubdirectory("larder-crowd-").FullName;
    private readonly List<VictimProcess> _processes = [];
    private RedisServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task All_callers_of_all_processes_together_cost_one_load()
    {
        await StartAsync(holdersLease: 60);
        using var truth = new Truth(_folder);
        for (int key = 1; key <= 3; key++)
        {
            await ReadAsync(_processes, key);
            Assert.Equal(key, truth.Loads);
        }
    }

    [Fact]
    public async Task A_holder_killed_while_it_loads_costs_one_more_load_after_its_lease_and_nobody_asks_again_and_again()
    {
        var lease = TimeSpan.FromSeconds(3);
        await StartAsync((int)lease.TotalSeconds);
        using var truth = new Truth(_folder);
        var holder = _processes[0];
        await holder.SayAsync("hang");
        await holder.HearAsync("hang");
        long before = Stopwatch.GetTimestamp();
        await holder.SayAsync("read 1 1");
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
            while (truth.LoadsOf(0) == 0) await Task.Delay(5, patience.Token);
        var others = _processes[1..];
        var reading = ReadAsync(others, 1);
        await holder.KillAsync();
        await reading;
        Assert.Equal(2, truth.Loads);
        int second = Enumerable.Range(0, Processes).First(process => process > 0 && truth.LoadsOf(process) > 0);

        // The server counts the lease in whole milliseconds of its own clock.
        Assert.True(Stopwatch.GetElapsedTime(before, truth.LastLoadOf(second)) > lease - TimeSpan.FromMilliseconds(20));

        // Each waits for a word, or for the end of the lease: it looks when it begins, when the word comes, and at the end.
        Assert.InRange(await CallsAsync("pttl"), 1, 3 * others.Count);
        Assert.InRange(await CallsAsync("mget"), 1, 40);
    }

    // Seconds. The others' leases outlast whatever a busy machine stands still for: one that is over gives the right to load to somebody else.
    private async Task StartAsync(int holdersLease)
    {
        for (int i = 0; i < Processes; i++) _processes.Add(await VictimProcess.StartAsync("crowd", _folder, $"{_server.Port}", $"{i}", $"{(i == 0 ? holdersLease : 60)}"));
    }

    private static async Task ReadAsync(List<VictimProcess> processes, int key)
    {
        await Task.WhenAll(processes.Select(process => process.SayAsync($"read {key} {Callers}")));
        foreach (var process in processes) Assert.Equal($"read {key} {Callers}: loaded-{key}", await process.HearAsync("read"));
    }

    private async Task<int> CallsAsync(string command)
    {
        await using var client = await RedisClient.ConnectAsync(_server.Options);
        string said = await client.SendAsync(static (ref reader) => reader.Text, CancellationToken.None, ["INFO"u8.ToArray(), "commandstats"u8.ToArray()]);
        string? line = said.Split("\r\n").FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:calls=", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line.Split('=', ',')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
