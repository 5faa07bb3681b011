using System.Collections.Concurrent;
using Larder.Benchmarks.Measuring;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Probes;

internal readonly struct LarderHit<TKey>(Cache<TKey, object> cache, TKey[] keys) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGet(keys[position], out value);
}

internal readonly struct LarderStringHit(Cache<string, object> cache, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGet(keys[position], out value);
}

internal readonly struct DictionaryHit<TKey>(ConcurrentDictionary<TKey, object> dictionary, TKey[] keys) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => dictionary.TryGetValue(keys[position], out value);
}

internal readonly struct DictionaryStringHit(ConcurrentDictionary<string, object> dictionary, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => dictionary.TryGetValue(keys[position], out value);
}

internal readonly struct MemoryCacheHit<TKey>(MemoryCache cache, TKey[] keys) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGetValue(keys[position], out value);
}

internal readonly struct MemoryCacheStringHit(MemoryCache cache, string[] keys) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value) => cache.TryGetValue((object)keys[position], out value);
}
