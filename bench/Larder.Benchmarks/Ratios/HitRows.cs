using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;

namespace Larder.Benchmarks.Ratios;

/// <summary>What does a hit cost beside the dictionary's, which is the limit?</summary>
internal static partial class HitRows
{
    internal const int Capacity = 20_000;
    private const double NumberLimit = 1.6, StringLimit = 1.15, OrderedLimit = 2;

    private static readonly EvictionPolicy? _ordered = EvictionPolicy.All.FirstOrDefault(static policy => policy.Name == "lru");

    internal static IEnumerable<Question> Questions =>
    [
        new("hit/int/1", () => Numbers("int/1", KeySet.Ints(1))),
        new("hit/int/10k", () => Numbers("int/10k", KeySet.Ints(10_000))),
        new("hit/long/1", () => Numbers("long/1", KeySet.Longs(1))),
        new("hit/long/10k", () => Numbers("long/10k", KeySet.Longs(10_000))),
        new("hit/string/1", () => Strings("string/1", KeySet.Strings(1))),
        new("hit/string/10k", () => Strings("string/10k", KeySet.Strings(10_000))),
    ];

    private static List<Row> Numbers<TKey>(string name, TKey[] keys) where TKey : struct
    {
        var walk = KeySet.Walk(keys, Worker.PassLength);
        using var cache = Caches.Filled(Capacity, keys);
        using var ordered = _ordered is null ? null : Caches.Filled(Capacity, keys, _ordered);
        using var memory = Caches.FilledMemoryCache(keys);
        var peers = new List<Side>();
        AddPeers(peers, keys, walk);
        return Compare(
            name,
            NumberLimit,
            new("larder", new Worker<LarderHit<TKey>>(new(cache, walk))),
            new("dictionary", new Worker<DictionaryHit<TKey>>(new(Caches.FilledDictionary(keys), walk))),
            ordered is null ? null : new("lru", new Worker<LarderHit<TKey>>(new(ordered, walk))),
            [new("memorycache", new Worker<MemoryCacheHit<TKey>>(new(memory, walk))), .. peers]);
    }

    private static List<Row> Strings(string name, string[] keys)
    {
        var walk = KeySet.Walk(keys, Worker.PassLength);
        using var cache = Caches.Filled(Capacity, keys);
        using var ordered = _ordered is null ? null : Caches.Filled(Capacity, keys, _ordered);
        using var memory = Caches.FilledMemoryCache(keys);
        var peers = new List<Side>();
        AddStringPeers(peers, keys, walk);
        return Compare(
            name,
            StringLimit,
            new("larder", new Worker<LarderStringHit>(new(cache, walk))),
            new("dictionary", new Worker<DictionaryStringHit>(new(Caches.FilledDictionary(keys), walk))),
            ordered is null ? null : new("lru", new Worker<LarderStringHit>(new(ordered, walk))),
            [new("memorycache", new Worker<MemoryCacheStringHit>(new(memory, walk))), .. peers]);
    }

    // Not lazy: the caches above are gone when their rows are asked for.
    private static List<Row> Compare(string name, double limit, Side ours, Side dictionary, Side? ordered, List<Side> others)
    {
        Side[] all = [ours, dictionary, .. ordered is null ? [] : new[] { ordered }, .. others];
        Duel.Fight(all);
        foreach (var side in all)
            if (side.HitRatio < 1) Console.Error.WriteLine($"hit {name}: {side.Name} found only {side.HitRatio:P1}");

        List<Row> rows = [Row.Of($"hit/{name}", ours, dictionary, Goal.RatioAtMost(limit))];
        if (ordered is not null) rows.Add(Row.Of($"hit-lru/{name}", ordered, dictionary, Goal.RatioAtMost(OrderedLimit)));
        rows.AddRange(others.Select(other => Row.Of($"hit-{other.Name}/{name}", ours, other, Goal.RatioAtMost(1))));
        return rows;
    }

    private static void AddPeers<TKey>(List<Side> sides, TKey[] keys, TKey[] walk) where TKey : struct => AddBitFaster(sides, keys, walk);

    private static void AddStringPeers(List<Side> sides, string[] keys, string[] walk)
    {
        AddBitFaster(sides, keys, walk);
        AddFusionCache(sides, keys, walk);
        AddHybridCache(sides, keys, walk);
    }

    static partial void AddBitFaster<TKey>(List<Side> sides, TKey[] keys, TKey[] walk) where TKey : struct;

    static partial void AddBitFaster(List<Side> sides, string[] keys, string[] walk);

    static partial void AddFusionCache(List<Side> sides, string[] keys, string[] walk);

    static partial void AddHybridCache(List<Side> sides, string[] keys, string[] walk);
}
