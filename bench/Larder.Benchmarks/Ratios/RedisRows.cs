using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Larder.Benchmarks.Measuring;

namespace Larder.Benchmarks.Ratios;

/// <summary>How many reads a second does the tier make over one link, beside what redis-benchmark makes, and how soon does one process hear of another's write?</summary>
internal sealed class RedisRows(string? address)
{
    private const int Callers = 100, ValueLength = 200, Keys = 1_000, Rounds = 5;
    private const double BenchmarkShare = 0.6, OneAtATime = 5, MostBytes = 200;
    private static readonly TimeSpan _round = TimeSpan.FromSeconds(1);

    // Made once, so that their bytes are not counted as the reads' own.
    private static readonly TierKey[][] _asked = [.. Enumerable.Range(0, Keys).Select(static i => new[] { KeyOf(i) })];

    internal IEnumerable<Question> Questions => [new("redis-read redis-invalidation", () => Task.Run(AskAsync).GetAwaiter().GetResult())];

    private async Task<Row[]> AskAsync()
    {
        using var server = address is null ? Start() : null;
        var options = RedisOptions.Parse(address ?? $"127.0.0.1:{server!.StartInfo.ArgumentList[1]}");
        await using var client = await ConnectAsync(options);
        var tier = new RedisTier(client, "bench");
        await tier.SetAsync([.. Enumerable.Range(0, Keys).Select(static i => new TierEntry(KeyOf(i), new byte[ValueLength], DateTimeOffset.MaxValue))]);
        await ReadAsync(tier, Callers, _round);
        double[] many = new double[Rounds], one = new double[Rounds], theirs = new double[Rounds];
        double bytes = 0;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetTotalAllocatedBytes();
            (many[i], long reads) = await ReadAsync(tier, Callers, _round);
            bytes = (GC.GetTotalAllocatedBytes() - before) / (double)reads;
            (one[i], _) = await ReadAsync(tier, 1, _round);
            theirs[i] = await RedisBenchmarkAsync(options);
        }

        double ours = Median(many) / 1000;
        Row[] latency = await LatencyAsync(options, client);
        if (server is not null) server.Kill();
        return
        [
            new("redis-read/benchmark", ours, Median(theirs) / 1000, bytes, Goal.RatioAtLeast(BenchmarkShare), $"thousand/s, {Callers} callers of {ValueLength} bytes : redis-benchmark -P 16 -c 1 GET"),
            new("redis-read/one-at-a-time", ours, Median(one) / 1000, bytes, Goal.RatioAtLeast(OneAtATime), $"thousand/s, {Callers} callers : one"),
            new("redis-read/bytes", bytes, MostBytes, bytes, Goal.RatioAtMost(1), "bytes allocated a read, receiver and task included : goal"),
            .. latency,
        ];
    }

    private static async Task<(double PerSecond, long Reads)> ReadAsync(RedisTier tier, int callers, TimeSpan time)
    {
        long reads = 0, start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            using var found = new TierPayloads(1);
            long mine = 0;
            for (int i = caller * 7; Stopwatch.GetElapsedTime(start) < time; i++, mine++)
            {
                found.Reset(1);
                await tier.GetAsync(_asked[i % Keys], found);
                if (!found.TryGet(0, out var value) || value.Length != ValueLength) throw new InvalidOperationException("A key is not there.");
            }

            Interlocked.Add(ref reads, mine);
        }));
        return (reads / Stopwatch.GetElapsedTime(start).TotalSeconds, reads);
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
        await using var reader = await ConnectAsync(options);
        await using var channel = new TrackingChannel(reader, "bench");
        var ear = new Ear();
        await channel.ListenAsync(ear);
        var tier = new RedisTier(writer, "bench");
        double[] took = new double[writes];
        for (int i = 0; i < writes; i++)
        {
            var heard = ear.Next();
            long start = Stopwatch.GetTimestamp();
            await tier.SetAsync([new(KeyOf(i), new byte[ValueLength], DateTimeOffset.MaxValue)]);
            took[i] = Stopwatch.GetElapsedTime(start, await heard).TotalMicroseconds;
        }

        Array.Sort(took);
        return [new("redis-invalidation", took[writes / 2], took[writes * 99 / 100], 0, Note: "microseconds from a write to its being heard on another link: median : 99th percentile")];
    }

    private static Process Start()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        listener.Stop();
        return Process.Start(new ProcessStartInfo("redis-server", ["--port", port, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]) { RedirectStandardOutput = true })!;
    }

    private static async Task<RedisClient> ConnectAsync(RedisOptions options)
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

    private static TierKey KeyOf(int i) => new($"bench/0/i32/{i}");

    private static double Median(double[] all) => all.Order().ElementAt(all.Length / 2);

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
