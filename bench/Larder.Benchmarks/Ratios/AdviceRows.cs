using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;

namespace Larder.Benchmarks.Ratios;

/// <summary>What does a hit cost in a cache whose advisor listens, in the sample and outside of it taken together?</summary>
internal static class AdviceRows
{
    private const double Limit = 1.15;

    internal static IEnumerable<Question> Questions => [new("advised-hit/string/10k", Ask)];

    private static IEnumerable<Row> Ask()
    {
        string[] keys = KeySet.Strings(10_000), walk = KeySet.Walk(keys, Worker.PassLength);
        yield return Mirror.Compare("advised-hit/string/10k", Goal.RatioAtMost(Limit), "a hit of a cache with an advisor, who hears one key in twenty : of one without", isAdvised =>
        {
            var cache = new Cache<string, object>(new() { Capacity = HitRows.Capacity, Lifetime = Lifetime.FreshFor(Caches.Life), Advice = isAdvised ? new() : null });
            foreach (string key in keys) cache.Set(key, KeySet.Value);
            return new Worker<LarderStringHit>(new(cache, walk));
        });
    }
}
