using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Peers;
using ZiggyCreatures.Caching.Fusion;

namespace Larder.Benchmarks.Peers
{
    internal readonly struct FusionCacheHit(FusionCache cache, string[] keys) : IProbe
    {
        public int Length => keys.Length;

        public bool Do(int position, out object? value)
        {
            var found = cache.TryGet<object>(keys[position]);
            value = found.HasValue ? found.Value : null;
            return found.HasValue;
        }
    }
}

namespace Larder.Benchmarks.Ratios
{
    internal static partial class HitRows
    {
        static partial void AddFusionCache(List<Side> sides, string[] keys, string[] walk)
        {
            var cache = new FusionCache(new FusionCacheOptions());
            foreach (string key in keys) cache.Set(key, KeySet.Value, new FusionCacheEntryOptions(Caches.Life));
            sides.Add(new("fusioncache", new Worker<FusionCacheHit>(new(cache, walk))));
        }
    }
}
