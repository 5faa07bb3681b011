using System.Collections.Concurrent;
using Larder.Benchmarks.Measuring;

namespace Larder.Benchmarks.Probes;

internal readonly struct LarderSet<TKey>(Cache<TKey, object> cache, TKey[] keys, object written) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        cache.Set(keys[position], written);
        value = written;
        return true;
    }
}

internal readonly struct LarderStringSet(Cache<string, object> cache, string[] keys, object written) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        cache.Set(keys[position], written);
        value = written;
        return true;
    }
}

internal readonly struct DictionarySet<TKey>(ConcurrentDictionary<TKey, object> dictionary, TKey[] keys, object written) : IProbe where TKey : struct
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        dictionary[keys[position]] = written;
        value = written;
        return true;
    }
}

internal readonly struct DictionaryStringSet(ConcurrentDictionary<string, object> dictionary, string[] keys, object written) : IProbe
{
    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        dictionary[keys[position]] = written;
        value = written;
        return true;
    }
}

/// <summary>Each key is written once.</summary>
internal readonly struct NewKeySet(Cache<long, object> cache, long[] next) : IProbe
{
    public int Length => Worker.PassLength;

    public bool Do(int position, out object? value)
    {
        cache.Set(next[0]++, Ratios.KeySet.Value);
        value = Ratios.KeySet.Value;
        return true;
    }
}

/// <summary>Each key's value is made once.</summary>
internal readonly struct NewKeyGetOrAdd(Cache<long, object> cache, long[] next) : IProbe
{
    public int Length => Worker.PassLength;

    public bool Do(int position, out object? value)
    {
        value = cache.GetOrAdd(next[0]++, static _ => Ratios.KeySet.Value);
        return true;
    }
}
