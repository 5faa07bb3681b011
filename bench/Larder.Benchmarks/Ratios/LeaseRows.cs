using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;

namespace Larder.Benchmarks.Ratios;

/// <summary>What does it cost to lease a value and let it go, beside reading one?</summary>
internal static class LeaseRows
{
    internal static IEnumerable<Question> Questions => [new("lease-hit/int/10k", Ask)];

    private static IEnumerable<Row> Ask()
    {
        int[] keys = KeySet.Ints(10_000), walk = KeySet.Walk(keys, Worker.PassLength);
        using var leasing = new LeasingCache<int, Nothing>(new() { Capacity = HitRows.Capacity, Lifetime = Lifetime.FreshFor(Caches.Life) });
        foreach (int key in keys) leasing.Set(key, new());
        using var cache = Caches.Filled(HitRows.Capacity, keys);
        var ours = new Side("leasing", new Worker<LeasingHit>(new(leasing, walk)));
        var theirs = new Side("cache", new Worker<LarderHit<int>>(new(cache, walk)));
        Duel.Fight(ours, theirs);
        yield return Row.Of("lease-hit/int/10k", ours, theirs, null, "a value leased and let go : read from a cache");
    }

    internal sealed class Nothing : IDisposable
    {
        public void Dispose() { }
    }

    private readonly struct LeasingHit(LeasingCache<int, Nothing> cache, int[] keys) : IProbe
    {
        public int Length => keys.Length;

        public bool Do(int position, out object? value)
        {
            value = null;
            if (!cache.TryLease(keys[position], out var lease)) return false;
            value = lease.Value;
            lease.Dispose();
            return true;
        }
    }
}
