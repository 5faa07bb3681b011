using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Microsoft.Extensions.DependencyInjection;

namespace Larder.Benchmarks.Ratios;

/// <summary>What does a hit cost that is measured, if nobody listens?</summary>
internal static class MeterRows
{
    private const double Limit = 1.02;

    private static readonly string[] _names = ["one", "other"];
    private static readonly CacheDirectory _directory = new();

    internal static IEnumerable<Question> Questions => [new("metrics-off/cache/string/10k metrics-off/loading/string/10k", Off)];

    private static IEnumerable<Row> Off()
    {
        string[] keys = KeySet.Strings(10_000), walk = KeySet.Walk(keys, Worker.PassLength);
        int next = 0;
        yield return Mirror.Compare("metrics-off/cache/string/10k", Goal.RatioAtMost(Limit), "a hit of a cache that is measured, though nobody listens : of one that is not", isMeasured =>
        {
            var cache = Caches.Filled(HitRows.Capacity, keys);
            if (isMeasured) _directory.Add(CacheView.Of(cache, _names[next++]));
            return new Worker<LarderStringHit>(new(cache, walk));
        });

        var provider = Container();
        next = 0;
        yield return Mirror.Compare("metrics-off/loading/string/10k", Goal.RatioAtMost(Limit), "a hit of a loading cache from AddLarder : of one built by hand; every loading cache is measured", isAdded =>
        {
            var cache = isAdded ? provider.GetRequiredKeyedService<LoadingCache<string, object>>(_names[next++]) : ByHand();
            foreach (string key in keys) cache.SetAsync(key, KeySet.Value).AsTask().GetAwaiter().GetResult();
            return new Worker<LoadingStringHit>(new(cache, walk));
        });
        provider.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static ServiceProvider Container() => new ServiceCollection()
        .AddLarder(static larder =>
        {
            foreach (string name in _names)
                larder.AddCache<string, object>(name, static cache => cache.Capacity(HitRows.Capacity).Lifetime(Caches.Life).Load(static (_, _) => new(KeySet.Value)));
        })
        .BuildServiceProvider();

    private static LoadingCache<string, object> ByHand() =>
        new(static (_, _) => new(KeySet.Value), new() { Memory = new() { Capacity = HitRows.Capacity, Lifetime = Lifetime.FreshFor(Caches.Life) } });
}
