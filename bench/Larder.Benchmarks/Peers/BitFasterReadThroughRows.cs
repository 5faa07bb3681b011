using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Peers;

namespace Larder.Benchmarks.Ratios;

internal static partial class ReadThroughRows
{
    static partial void AddBitFaster(List<(Side One, Side Two)> sides, long[] first, long[] second)
    {
        ConcurrentLru<long, object> lru = new(Capacity), sharedLru = new(Capacity);
        ConcurrentTLru<long, object> tlru = new(Capacity, Caches.Life), sharedTLru = new(Capacity, Caches.Life);
        ConcurrentLfu<long, object> lfu = new(Capacity), sharedLfu = new(Capacity);
        sides.Add(Pair("bitfaster-lru", Lru(lru, first), Lru(sharedLru, first), Lru(sharedLru, second)));
        sides.Add(Pair("bitfaster-tlru", TLru(tlru, first), TLru(sharedTLru, first), TLru(sharedTLru, second)));
        sides.Add(Pair("bitfaster-lfu", Lfu(lfu, first), Lfu(sharedLfu, first), Lfu(sharedLfu, second)));

        static Worker Lru(ConcurrentLru<long, object> cache, long[] keys) => new Worker<ConcurrentLruReadThrough>(new(cache, keys, KeySet.Value));
        static Worker TLru(ConcurrentTLru<long, object> cache, long[] keys) => new Worker<ConcurrentTLruReadThrough>(new(cache, keys, KeySet.Value));
        static Worker Lfu(ConcurrentLfu<long, object> cache, long[] keys) => new Worker<ConcurrentLfuReadThrough>(new(cache, keys, KeySet.Value));
    }

    static partial void AddBitFaster(List<(Side One, Side Two)> sides, string[] first, string[] second)
    {
        ConcurrentLru<string, object> lru = new(Capacity), sharedLru = new(Capacity);
        ConcurrentTLru<string, object> tlru = new(Capacity, Caches.Life), sharedTLru = new(Capacity, Caches.Life);
        ConcurrentLfu<string, object> lfu = new(Capacity), sharedLfu = new(Capacity);
        sides.Add(Pair("bitfaster-lru", Lru(lru, first), Lru(sharedLru, first), Lru(sharedLru, second)));
        sides.Add(Pair("bitfaster-tlru", TLru(tlru, first), TLru(sharedTLru, first), TLru(sharedTLru, second)));
        sides.Add(Pair("bitfaster-lfu", Lfu(lfu, first), Lfu(sharedLfu, first), Lfu(sharedLfu, second)));

        static Worker Lru(ConcurrentLru<string, object> cache, string[] keys) => new Worker<ConcurrentLruStringReadThrough>(new(cache, keys, KeySet.Value));
        static Worker TLru(ConcurrentTLru<string, object> cache, string[] keys) => new Worker<ConcurrentTLruStringReadThrough>(new(cache, keys, KeySet.Value));
        static Worker Lfu(ConcurrentLfu<string, object> cache, string[] keys) => new Worker<ConcurrentLfuStringReadThrough>(new(cache, keys, KeySet.Value));
    }
}
