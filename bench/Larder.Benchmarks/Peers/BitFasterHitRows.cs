using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Peers;

namespace Larder.Benchmarks.Ratios;

internal static partial class HitRows
{
    static partial void AddBitFaster<TKey>(List<Side> sides, TKey[] keys, TKey[] walk) where TKey : struct
    {
        sides.Add(new("bitfaster-lru", new Worker<ConcurrentLruHit<TKey>>(new(BitFasterCaches.Lru(keys), walk))));
        sides.Add(new("bitfaster-tlru", new Worker<ConcurrentTLruHit<TKey>>(new(BitFasterCaches.TLru(keys), walk))));
        sides.Add(new("bitfaster-lfu", new Worker<ConcurrentLfuHit<TKey>>(new(BitFasterCaches.Lfu(keys), walk))));
    }

    static partial void AddBitFaster(List<Side> sides, string[] keys, string[] walk)
    {
        sides.Add(new("bitfaster-lru", new Worker<ConcurrentLruStringHit>(new(BitFasterCaches.Lru(keys), walk))));
        sides.Add(new("bitfaster-tlru", new Worker<ConcurrentTLruStringHit>(new(BitFasterCaches.TLru(keys), walk))));
        sides.Add(new("bitfaster-lfu", new Worker<ConcurrentLfuStringHit>(new(BitFasterCaches.Lfu(keys), walk))));
    }
}
