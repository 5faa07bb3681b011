using System.Globalization;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Ratios;

/// <summary>How fast is a cache that reads, and writes what it missed, under a skewed load; what does it hit; and does a second thread help?</summary>
internal static partial class ReadThroughRows
{
    internal const int Capacity = 10_000;
    private const int KeyCount = 100_000, Length = 1_000_000;
    private const double Skew = 0.99, ScalingLimit = 1.6;

    internal static IEnumerable<Question> Questions =>
    [
        new("readthrough/long readthrough-scaling/long", Longs),
        new("readthrough/string readthrough-scaling/string", Strings),
    ];

    private static List<Row> Longs()
    {
        var (a, b) = Sequences(KeySet.Longs(KeyCount));
        using Cache<long, object> alone = Caches.Larder<long>(Capacity), shared = Caches.Larder<long>(Capacity);
        using MemoryCache memoryAlone = Sized(), memoryShared = Sized();
        var peers = new List<(Side One, Side Two)>();
        AddBitFaster(peers, a, b);
        return Compare("long", Pair("larder", Ours(alone, a), Ours(shared, a), Ours(shared, b)), [Pair("memorycache", Theirs(memoryAlone, a), Theirs(memoryShared, a), Theirs(memoryShared, b)), .. peers]);

        static Worker Ours(Cache<long, object> cache, long[] keys) => new Worker<LarderReadThrough>(new(cache, keys, KeySet.Value));
        static Worker Theirs(MemoryCache cache, long[] keys) => new Worker<MemoryCacheReadThrough>(new(cache, keys, KeySet.Value, Caches.SizedMemoryCacheEntry));
    }

    private static List<Row> Strings()
    {
        var (a, b) = Sequences(KeySet.Strings(KeyCount));
        using Cache<string, object> alone = Caches.Larder<string>(Capacity), shared = Caches.Larder<string>(Capacity);
        using MemoryCache memoryAlone = Sized(), memoryShared = Sized();
        var peers = new List<(Side One, Side Two)>();
        AddBitFaster(peers, a, b);
        return Compare("string", Pair("larder", Ours(alone, a), Ours(shared, a), Ours(shared, b)), [Pair("memorycache", Theirs(memoryAlone, a), Theirs(memoryShared, a), Theirs(memoryShared, b)), .. peers]);

        static Worker Ours(Cache<string, object> cache, string[] keys) => new Worker<LarderStringReadThrough>(new(cache, keys, KeySet.Value));
        static Worker Theirs(MemoryCache cache, string[] keys) => new Worker<MemoryCacheStringReadThrough>(new(cache, keys, KeySet.Value, Caches.SizedMemoryCacheEntry));
    }

    private static List<Row> Compare(string keys, (Side One, Side Two) ours, List<(Side One, Side Two)> others)
    {
        Duel.Fight([ours.One, ours.Two, .. others.SelectMany(static other => new[] { other.One, other.Two })]);
        var rows = new List<Row>();
        foreach (var (one, two) in others)
        {
            // The first other is the one that every application has; its row has the plain name.
            string name = one.Name == "memorycache" ? $"readthrough/{keys}" : $"readthrough-{one.Name}/{keys}";
            rows.Add(Row.Of($"{name}/1t", ours.One, one, Goal.Ahead(ours.One, one), Note(ours.One, one)));
            rows.Add(Row.Of($"{name}/2t", ours.Two, two, Goal.Ahead(ours.Two, two), Note(ours.Two, two)));
        }

        rows.Add(new($"readthrough-scaling/{keys}", ours.Two.MillionsPerSecond, ours.One.MillionsPerSecond, ours.Two.BytesPerOperation, Goal.RatioAtLeast(ScalingLimit), "million ops/s: two threads, one"));
        return rows;
    }

    private static string Note(Side ours, Side theirs) => string.Create(
        CultureInfo.InvariantCulture,
        $"{ours.MillionsPerSecond:F1} : {theirs.MillionsPerSecond:F1} million ops/s, {100 * ours.HitRatio:F1} : {100 * theirs.HitRatio:F1} % hits");

    private static (Side One, Side Two) Pair(string name, Worker alone, Worker first, Worker second) => (new(name, alone), new(name, first, second));

    private static MemoryCache Sized() => new(new MemoryCacheOptions { SizeLimit = Capacity });

    private static (TKey[] First, TKey[] Second) Sequences<TKey>(TKey[] keys) =>
        (KeySet.Zipf(keys, Length, Skew, seed: 1), KeySet.Zipf(keys, Length, Skew, seed: 2));

    static partial void AddBitFaster(List<(Side One, Side Two)> sides, long[] first, long[] second);

    static partial void AddBitFaster(List<(Side One, Side Two)> sides, string[] first, string[] second);
}
