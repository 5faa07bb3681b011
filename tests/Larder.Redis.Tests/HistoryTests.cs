using System.Diagnostics;
using System.Globalization;
using Larder.Redis.Tests.Support;
using Larder.Redis.Victim;
using Larder.TestKit;

namespace Larder.Redis.Tests;

/// <summary>
/// Real processes that read and write the same keys, each behind a proxy that does what networks do. LARDER_FAULT_SECONDS says for how long (5 without it); each failure
/// names its seed.
/// </summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int Processes = 3;

    // As the processes have it: a lost link is noticed after the link's timeout and two fifths of it.
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(1.4), _longestRead = TimeSpan.FromSeconds(10);

    private static int Length => int.Parse(Environment.GetEnvironmentVariable("LARDER_FAULT_SECONDS") ?? "5", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(RedisTracking.ByPrefix, true)]
    [InlineData(RedisTracking.ByPrefix, false)]
    [InlineData(RedisTracking.ByKey, true)]
    public async Task No_process_reads_what_is_older_than_it_heard_or_than_the_bound_and_afterwards_all_is_well(RedisTracking tracking, bool hasFaults)
    {
        int seed = Seeds.Next();
        string folder = Directory.CreateTempSubdirectory("larder-history-").FullName;
        await using var server = await RedisServer.StartAsync();
        var proxies = Enumerable.Range(0, Processes).Select(_ => new FaultProxy(server.Port)).ToArray();
        List<VictimProcess> processes = [];
        try
        {
            for (int i = 0; i < Processes; i++)
                processes.Add(await VictimProcess.StartAsync("history", folder, $"{proxies[i].Port}", $"{i}", $"{Processes}", $"{seed}", $"{tracking}"));
            await WorkAsync(proxies, new(seed), hasFaults);
            foreach (string command in new[] { "quiet", "settle", "stop" })
            {
                await Task.WhenAll(processes.Select(process => process.SayAsync(command)));
                await Task.WhenAll(processes.Select(process => process.HearAsync(command == "stop" ? "saved" : command)));
            }

            History[] histories = [.. Enumerable.Range(0, Processes).Select(i => History.Load(Path.Combine(folder, $"history-{i}")))];
            var stall = Time(histories.Max(static history => history.LongestStall));
            var (longest, fault) = HistoryCheck.Run(histories, _bound + (2 * stall));
            string said = $"{histories.Sum(static history => history.Reads)} reads, {histories.Sum(static history => history.Events.Count(static happened => happened.What == Happening.Written))} writes; " +
                $"an old value for at most {longest.TotalMilliseconds:0} ms, where the bound is {_bound.TotalMilliseconds:0} ms and processes stood still for up to {stall.TotalMilliseconds:0} ms";
            output.WriteLine(said);
            Assert.True(fault is null, $"With {Seeds.Variable}={seed}: {fault} ({said})");
            Assert.All(histories, history => Assert.InRange(Time(history.LongestRead), TimeSpan.Zero, _longestRead + (4 * stall)));
            Assert.True(histories.All(static history => history.Reads > 0 && history.Events.Any(static happened => happened.What == Happening.Heard)));
        }
        finally
        {
            foreach (var process in processes) await process.DisposeAsync();
            foreach (var proxy in proxies) await proxy.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TimeSpan Time(long ticks) => Stopwatch.GetElapsedTime(0, ticks);

    private static async Task WorkAsync(FaultProxy[] proxies, Random random, bool hasFaults)
    {
        var time = TimeSpan.FromSeconds(hasFaults ? Length : Math.Min(Length, 2));
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
        {
            if (hasFaults) proxies[random.Next(proxies.Length)].Misbehave(random);
            await Task.Delay(random.Next(10, 700));
            foreach (var proxy in proxies) proxy.Behave();
            await Task.Delay(random.Next(300));
        }
    }
}
