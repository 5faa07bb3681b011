using System.Diagnostics;
using Larder.Redis.Victim;
using Larder.TestKit;

namespace Larder.Redis.Tests.Support;

/// <summary>Real processes that read and write the same keys while something happens, and what they saw of it.</summary>
internal static class HistoryRun
{
    // As the processes have it: a lost link is noticed after the link's timeout and two fifths of it.
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(1.4), _longestRead = TimeSpan.FromSeconds(10);

    /// <summary>Fails if a process read what is older than it had heard, or than the bound, or if one does not see the truth in the end.</summary>
    /// <param name="ports">Where each process finds its server.</param>
    /// <param name="tracking">How the server knows what to tell.</param>
    /// <param name="seed">What is repeated with the same.</param>
    /// <param name="work">What happens meanwhile.</param>
    /// <param name="output">Where the figures go.</param>
    internal static async Task RunAsync(IReadOnlyList<int> ports, RedisTracking tracking, int seed, Func<Task> work, ITestOutputHelper output)
    {
        string folder = Directory.CreateTempSubdirectory("larder-history-").FullName;
        List<VictimProcess> processes = [];
        try
        {
            for (int i = 0; i < ports.Count; i++)
                processes.Add(await VictimProcess.StartAsync("history", folder, $"{ports[i]}", $"{i}", $"{ports.Count}", $"{seed}", $"{tracking}"));
            await work();
            foreach (string command in new[] { "quiet", "settle", "stop" })
            {
                await Task.WhenAll(processes.Select(process => process.SayAsync(command)));
                await Task.WhenAll(processes.Select(process => process.HearAsync(command == "stop" ? "saved" : command)));
            }

            History[] histories = [.. Enumerable.Range(0, ports.Count).Select(i => History.Load(Path.Combine(folder, $"history-{i}")))];
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
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TimeSpan Time(long ticks) => Stopwatch.GetElapsedTime(0, ticks);
}
