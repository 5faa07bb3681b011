using System.Diagnostics;
using System.Globalization;
using Larder.Benchmarks.Measuring;

namespace Larder.Benchmarks.Ratios;

/// <summary>How many reads a second does the tier make over one link, beside what redis-benchmark makes, and how soon does one process hear of another's write?</summary>
internal sealed class RedisRows(string? address)
{
    private const int Rounds = 5;
    private const double BenchmarkShare = 0.6, OneAtATime = 5;
    private static readonly TimeSpan _round = TimeSpan.FromSeconds(1);

    internal IEnumerable<Question> Questions => [new("redis-read redis-invalidation", () => Task.Run(AskAsync).GetAwaiter().GetResult())];

    private async Task<Row[]> AskAsync()
    {
        using var server = address is null ? RedisProcess.Start() : null;
        var options = address is null ? server!.Options : RedisOptions.Parse(address);
        await using var client = await RedisProcess.ConnectAsync(options);
        var tier = await TierReading.FillAsync(client);
        await TierReading.ReadAsync(tier, TierReading.Callers, _round);
        double[] many = new double[Rounds], one = new double[Rounds], theirs = new double[Rounds];
        double bytes = 0;
        for (int i = 0; i < Rounds; i++)
        {
            (many[i], bytes) = await TierReading.ReadAsync(tier, TierReading.Callers, _round);
            (one[i], _) = await TierReading.ReadAsync(tier, 1, _round);
            theirs[i] = await RedisBenchmarkAsync(options);
        }

        double ours = TierReading.Median(many) / 1000;
        Row[] latency = await LatencyAsync(options, client);
        return
        [
            new("redis-read/benchmark", ours, TierReading.Median(theirs) / 1000, bytes, Goal.RatioAtLeast(BenchmarkShare), $"thousand/s, {TierReading.Callers} callers of {TierReading.ValueLength} bytes : redis-benchmark -P 16 -c 1 GET"),
            new("redis-read/one-at-a-time", ours, TierReading.Median(one) / 1000, bytes, Goal.RatioAtLeast(OneAtATime), $"thousand/s, {TierReading.Callers} callers : one"),
            new("redis-read/bytes", bytes, TierReading.MostBytes, bytes, Goal.RatioAtMost(1), "bytes allocated a read, receiver and task included : goal"),
            .. latency,
        ];
    }

    private static async Task<double> RedisBenchmarkAsync(RedisOptions options)
    {
        var start = new ProcessStartInfo("redis-benchmark",
            ["-h", options.Host, "-p", options.Port.ToString(CultureInfo.InvariantCulture), "-P", "16", "-c", "1", "--threads", "1", "-t", "get", "-d", "200", "-r", "1000", "-n", "400000", "--csv"])
        { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        string line = said.Split('\n').First(static line => line.StartsWith("\"GET\"", StringComparison.Ordinal));
        return double.Parse(line.Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
    }

    private static async Task<Row[]> LatencyAsync(RedisOptions options, RedisClient writer)
    {
        const int writes = 500;
        await using var reader = await RedisProcess.ConnectAsync(options);
        await using var channel = new TrackingChannel(reader, "bench");
        var ear = new Ear();
        await channel.ListenAsync(ear);
        var tier = new RedisTier(writer, "bench");
        double[] took = new double[writes];
        for (int i = 0; i < writes; i++)
        {
            var heard = ear.Next();
            long start = Stopwatch.GetTimestamp();
            await tier.SetAsync([new(TierReading.KeyOf(i), new byte[TierReading.ValueLength], DateTimeOffset.MaxValue)]);
            took[i] = Stopwatch.GetElapsedTime(start, await heard).TotalMicroseconds;
        }

        Array.Sort(took);
        return [new("redis-invalidation", took[writes / 2], took[writes * 99 / 100], 0, Note: "microseconds from a write to its being heard on another link: median : 99th percentile")];
    }

    private sealed class Ear : IInvalidationReceiver
    {
        private TaskCompletionSource<long>? _next;

        internal Task<long> Next() => (_next = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public void Invalidated(in Invalidation invalidation) => _next?.TrySetResult(Stopwatch.GetTimestamp());

        public void LinkLost()
        {
        }

        public void LinkRestored()
        {
        }
    }
}
