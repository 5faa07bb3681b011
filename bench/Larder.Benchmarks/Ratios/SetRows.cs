using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;

namespace Larder.Benchmarks.Ratios;

/// <summary>What does writing over an existing key cost beside the dictionary's indexer, and what does making a value once for all who ask beside writing it?</summary>
internal static class SetRows
{
    private const double Limit = 1.5;

    internal static IEnumerable<Question> Questions =>
    [
        new("set/int/1", () => Numbers("set/int/1", KeySet.Ints(1))),
        new("set/int/10k", () => Numbers("set/int/10k", KeySet.Ints(10_000))),
        new("set/long/1", () => Numbers("set/long/1", KeySet.Longs(1))),
        new("set/long/10k", () => Numbers("set/long/10k", KeySet.Longs(10_000))),
        new("set/string/1", () => Strings("set/string/1", KeySet.Strings(1))),
        new("set/string/10k", () => Strings("set/string/10k", KeySet.Strings(10_000))),
        new("getoradd-miss/long", Made),
    ];

    private static Row[] Numbers<TKey>(string name, TKey[] keys) where TKey : struct
    {
        var walk = KeySet.Walk(keys, Worker.PassLength);
        using var cache = Caches.Filled(HitRows.Capacity, keys);
        return Compare(
            name,
            new("larder", new Worker<LarderSet<TKey>>(new(cache, walk, new object()))),
            new("dictionary", new Worker<DictionarySet<TKey>>(new(Caches.FilledDictionary(keys), walk, new object()))));
    }

    private static Row[] Strings(string name, string[] keys)
    {
        var walk = KeySet.Walk(keys, Worker.PassLength);
        using var cache = Caches.Filled(HitRows.Capacity, keys);
        return Compare(
            name,
            new("larder", new Worker<LarderStringSet>(new(cache, walk, new object()))),
            new("dictionary", new Worker<DictionaryStringSet>(new(Caches.FilledDictionary(keys), walk, new object()))));
    }

    // Each key is new, and the cache full.
    private static Row[] Made()
    {
        using Cache<long, object> made = Caches.Larder<long>(HitRows.Capacity), written = Caches.Larder<long>(HitRows.Capacity);
        var ours = new Side("getoradd", new Worker<NewKeyGetOrAdd>(new(made, new long[1])));
        var theirs = new Side("set", new Worker<NewKeySet>(new(written, new long[1])));
        Duel.Fight(ours, theirs);
        return [Row.Of("getoradd-miss/long", ours, theirs, note: "one call of the factory however many ask : Cache.Set of a new key")];
    }

    private static Row[] Compare(string name, Side ours, Side theirs)
    {
        Duel.Fight(ours, theirs);
        return [Row.Of(name, ours, theirs, Goal.RatioAtMost(Limit))];
    }
}
