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
