using System.Diagnostics;

namespace Larder.Benchmarks.Ratios;

/// <summary>Many callers who read single keys through a tier, without pause.</summary>
internal static class TierReading
{
    internal const int Callers = 100, ValueLength = 200;

    /// <summary>What a read may allocate beyond the value.</summary>
    internal const double MostBytes = 200;

    private const int Keys = 1_000;

    // Made once, so that their bytes are not counted as the reads' own.
    private static readonly TierKey[][] _asked = [.. Enumerable.Range(0, Keys).Select(static i => new[] { KeyOf(i) })];

    internal static TierKey KeyOf(int i) => new($"bench/0/i32/{i}");

    /// <summary>A tier that has all that is read.</summary>
    internal static async Task<RedisTier> FillAsync(RedisClient client)
    {
        var tier = new RedisTier(client, "bench");
        await tier.SetAsync([.. Enumerable.Range(0, Keys).Select(static i => new TierEntry(KeyOf(i), new byte[ValueLength], DateTimeOffset.MaxValue))]);
        return tier;
    }

    /// <summary>Reads for so long. Returns how many reads there were a second, and what each allocated.</summary>
    internal static async Task<(double PerSecond, double Bytes)> ReadAsync(RedisTier tier, int callers, TimeSpan time)
    {
        long reads = 0, allocated = GC.GetTotalAllocatedBytes(), start = Stopwatch.GetTimestamp();
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
        return (reads / Stopwatch.GetElapsedTime(start).TotalSeconds, (GC.GetTotalAllocatedBytes() - allocated) / (double)reads);
    }

    internal static double Median(double[] all) => all.Order().ElementAt(all.Length / 2);
}
