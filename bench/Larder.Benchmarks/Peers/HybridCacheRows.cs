using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Peers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Larder.Benchmarks.Peers
{
    /// <summary>The value is a string, which HybridCache knows to be immutable and so neither copies nor serialises on a hit.</summary>
    internal readonly struct HybridCacheHit(HybridCache cache, string[] keys) : IProbe
    {
        // What the factory makes, and nothing else is: finding it means that the entry was not there.
        private const string Missed = "missed";

        public int Length => keys.Length;

        public bool Do(int position, out object? value)
        {
            var pending = cache.GetOrCreateAsync(keys[position], Missed, static (made, _) => new ValueTask<string>(made));
            string found = pending.IsCompletedSuccessfully ? pending.Result : pending.AsTask().GetAwaiter().GetResult();
            value = found;
            return !ReferenceEquals(found, Missed);
        }
    }
}

namespace Larder.Benchmarks.Ratios
{
    internal static partial class HitRows
    {
        static partial void AddHybridCache(List<Side> sides, string[] keys, string[] walk)
        {
            var services = new ServiceCollection();
            services.AddHybridCache();
            var cache = services.BuildServiceProvider().GetRequiredService<HybridCache>();
            var entry = new HybridCacheEntryOptions { Expiration = Caches.Life, LocalCacheExpiration = Caches.Life };
            foreach (string key in keys) cache.SetAsync(key, "value", entry).AsTask().GetAwaiter().GetResult();
            sides.Add(new("hybridcache", new Worker<HybridCacheHit>(new(cache, walk))));
        }
    }
}
