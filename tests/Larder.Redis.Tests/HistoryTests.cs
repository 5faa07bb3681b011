using System.Diagnostics;
using System.Globalization;
using Larder.Redis.Tests.Support;
using Larder.TestKit;

namespace Larder.Redis.Tests;

/// <summary>
/// Real processes that read and write the same keys, each behind a proxy that does what networks do. LARDER_FAULT_SECONDS says for how long (5 without it); each failure
/// names its seed.
/// </summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int Processes = 3;

    private static int Length => int.Parse(Environment.GetEnvironmentVariable("LARDER_FAULT_SECONDS") ?? "5", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(RedisTracking.ByPrefix, true)]
    [InlineData(RedisTracking.ByPrefix, false)]
    [InlineData(RedisTracking.ByKey, true)]
    public async Task No_process_reads_what_is_older_than_it_heard_or_than_the_bound_and_afterwards_all_is_well(RedisTracking tracking, bool hasFaults)
    {
        int seed = Seeds.Next();
        await using var server = await RedisServer.StartAsync();
        var proxies = Enumerable.Range(0, Processes).Select(_ => new FaultProxy(server.Port)).ToArray();
        try
        {
            await HistoryRun.RunAsync([.. proxies.Select(static proxy => proxy.Port)], tracking, seed, () => WorkAsync(proxies, new(seed), hasFaults), output);
        }
        finally
        {
            foreach (var proxy in proxies) await proxy.DisposeAsync();
        }
    }

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
