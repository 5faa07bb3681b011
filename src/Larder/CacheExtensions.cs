using System.Diagnostics.CodeAnalysis;
using Larder.Memory;

namespace Larder;

/// <summary>What can be done to many keys at once, and to string keys by their characters.</summary>
public static class CacheExtensions
{
    extension<TKey, TValue>(Cache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>Finds the live values of many keys. Duplicates in the request are one. Counts as a use of each.</summary>
        public ManyResult<TKey, TValue> GetMany(IEnumerable<TKey> keys) => Collect(cache, keys, static (cache, key) => (cache.TryGet(key, out var value), value!));

        /// <summary>Finds the live values of many keys without a trace.</summary>
        public ManyResult<TKey, TValue> PeekMany(IEnumerable<TKey> keys) => Collect(cache, keys, static (cache, key) => (cache.TryPeek(key, out var value), value!));

        /// <summary>Whether each of many keys has a live value. Without a trace.</summary>
        public IReadOnlyDictionary<TKey, bool> ContainsMany(IEnumerable<TKey> keys) => ForEach(cache, keys, static (cache, key) => cache.Contains(key));

        /// <summary>Removes many keys. Tells of each whether it had a live value.</summary>
        public IReadOnlyDictionary<TKey, bool> RemoveMany(IEnumerable<TKey> keys) => ForEach(cache, keys, static (cache, key) => cache.Remove(key));

        /// <summary>Writes many values, each with its own jitter.</summary>
        public void SetMany(IEnumerable<KeyValuePair<TKey, TValue>> pairs, Lifetime? lifetime = null)
        {
            ArgumentNullException.ThrowIfNull(pairs);
            foreach (var (key, value) in pairs) cache.Set(key, value, lifetime, null);
        }

        /// <summary>Remembers that many keys do not exist.</summary>
        public void SetAbsentMany(IEnumerable<TKey> keys, Lifetime? lifetime = null)
        {
            ArgumentNullException.ThrowIfNull(keys);
            foreach (var key in keys) cache.SetAbsent(key, lifetime);
        }
    }

    extension<TValue>(Cache<string, TValue> cache)
    {
        /// <summary>Finds the live value of the key with these characters, without making a string of them.</summary>
        /// <exception cref="InvalidOperationException">The cache's comparer cannot compare spans.</exception>
        public bool TryGet(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out TValue value) => cache.Core.TryGet(key, out value);
    }

    private static ManyResult<TKey, TValue> Collect<TKey, TValue>(
        Cache<TKey, TValue> cache, IEnumerable<TKey> keys, Func<Cache<TKey, TValue>, TKey, (bool, TValue)> find) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(keys);
        var found = new Dictionary<TKey, TValue>(cache.Core.Comparer);
        var missing = new List<TKey>();
        foreach (var key in Distinct(cache, keys))
        {
            if (find(cache, key) is (true, var value)) found.Add(key, value);
            else missing.Add(key);
        }

        return new(found, missing);
    }

    private static Dictionary<TKey, bool> ForEach<TKey, TValue>(
        Cache<TKey, TValue> cache, IEnumerable<TKey> keys, Func<Cache<TKey, TValue>, TKey, bool> act) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Distinct(cache, keys).ToDictionary(key => key, key => act(cache, key), cache.Core.Comparer);
    }

    private static IEnumerable<TKey> Distinct<TKey, TValue>(Cache<TKey, TValue> cache, IEnumerable<TKey> keys) where TKey : notnull =>
        keys.Distinct(cache.Core.Comparer);
}
