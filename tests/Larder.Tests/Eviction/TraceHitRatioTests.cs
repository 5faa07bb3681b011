using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;

namespace Larder.Tests.Eviction;

/// <summary>The default against the best of nine fixed policies, on public traces that live outside the repository.</summary>
public sealed class TraceHitRatioTests
{
    private static readonly string[] _notFixed = ["OPT", "WTLFU-caff26", "WTLFU-mini"];

    // One draw of the sample can mislead on a short trace: single runs of cloudphysics at 9,795 entries range from −2.1 to +5.8.
    private const int Seeds = 3;

    [Theory]
    [InlineData("cache2k_web12")]
    [InlineData("cloudphysics_lcs")]
    [InlineData("corda_vaultservice")]
    [InlineData("lirs_loop")]
    [InlineData("lirs_multi2")]
    [InlineData("email_domains")]
    public void The_default_is_within_reach_of_the_best_fixed_policy(string trace)
    {
        string folder = Folder();
        string file = Path.Combine(folder, trace + ".u64.gz"), table = Path.Combine(folder, "reference.csv");
        if (!File.Exists(file) || !File.Exists(table)) Assert.Skip($"{file} is absent; set LARDER_TRACES");

        long[] keys = Read(file);
        var regrets = new List<double>();
        foreach (var (capacity, best) in Best(table, trace))
        {
            regrets.Add(best - Enumerable.Range(1, Seeds).Average(seed => HitRatio(keys, capacity, (uint)seed)));
        }

        Assert.InRange(regrets.Average(), -100, 1);
        Assert.InRange(regrets.Max(), -100, 5);
    }

    private static double HitRatio(long[] keys, long capacity, uint seed)
    {
        var cache = new ReplayCache(EvictionPolicy.Default, capacity, seed: seed);
        foreach (long key in keys) cache.Get(key);
        return cache.HitRatio;
    }

    private static Dictionary<long, double> Best(string table, string trace) =>
        File.ReadLines(table)
            .Select(line => line.Split(','))
            .Where(cells => cells[0] == trace && !_notFixed.Contains(cells[5]))
            .GroupBy(cells => long.Parse(cells[4], CultureInfo.InvariantCulture))
            .ToDictionary(rows => rows.Key, rows => rows.Max(cells => double.Parse(cells[6], CultureInfo.InvariantCulture)));

    private static long[] Read(string file)
    {
        using var unzipped = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unzipped.CopyTo(bytes);
        var all = bytes.ToArray();
        return [.. Enumerable.Range(0, all.Length / 8).Select(i => BinaryPrimitives.ReadInt64LittleEndian(all.AsSpan(8 * i)))];
    }

    private static string Folder()
    {
        if (Environment.GetEnvironmentVariable("LARDER_TRACES") is { Length: > 0 } named) return named;
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Larder.slnx"))) root = root.Parent;
        return Path.Combine(root?.FullName ?? ".", "..", "shared", "traces");
    }
}
