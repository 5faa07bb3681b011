using Larder.Benchmarks.Measuring;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Probes;

/// <summary>A hit whose key is at hand.</summary>
internal readonly struct HybridHit(HybridCache cache, string[] keys) : IProbe
{
    // What the factory makes, and nothing else is: finding it means that the entry was not there.
    private const string Missed = "missed";

    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        var pending = cache.GetOrCreateAsync(keys[position], Missed, static (made, _) => new ValueTask<string>(made));
        value = pending.IsCompletedSuccessfully ? pending.Result : null;
        return value is not null && !ReferenceEquals(value, Missed);
    }
}

/// <summary>A hit whose key is written out of a number.</summary>
internal readonly struct HybridWrittenHit(HybridCache cache, int[] ids) : IProbe
{
    private const string Missed = "missed";

    public int Length => ids.Length;

    public bool Do(int position, out object? value)
    {
        var pending = cache.GetOrCreateAsync($"user:{ids[position]}", Missed, static (made, _) => new ValueTask<string>(made));
        value = pending.IsCompletedSuccessfully ? pending.Result : null;
        return value is not null && !ReferenceEquals(value, Missed);
    }
}

/// <summary>As <see cref="HybridWrittenHit"/>, by a string made of it.</summary>
internal readonly struct LoadingWrittenHit(LoadingCache<string, string> cache, int[] ids) : IProbe
{
    public int Length => ids.Length;

    public bool Do(int position, out object? value)
    {
        var read = cache.GetAsync($"user:{ids[position]}");
        value = read.IsCompletedSuccessfully ? read.Result : null;
        return value is not null;
    }
}

internal readonly struct FaceHit(IMemoryCache cache, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGetValue(keys[position], out value);
}

internal readonly struct FaceSet(IMemoryCache cache, string[] keys, MemoryCacheEntryOptions entry) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        value = cache.Set(keys[position], Ratios.KeySet.Value, entry);
        return true;
    }
}

internal readonly struct DistributedGet(IDistributedCache cache, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        value = cache.Get(keys[position]);
        return value is not null;
    }
}

internal readonly struct DistributedSet(IDistributedCache cache, string[] keys, byte[] payload, DistributedCacheEntryOptions entry) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        cache.Set(keys[position], payload, entry);
        value = payload;
        return true;
    }
}
