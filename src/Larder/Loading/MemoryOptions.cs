namespace Larder.Loading;

/// <summary>The options of the memory under a loading cache, which decides lifetimes, weights and copies itself.</summary>
internal static class MemoryOptions
{
    internal static CacheOptions<TKey, Kept<TValue>> Of<TKey, TValue>(CacheOptions<TKey, TValue> options) where TKey : notnull => new()
    {
        Capacity = options.Capacity,
        Policy = options.Policy,
        Advice = options.Advice,
        Comparer = options.Comparer,
        Shards = options.Shards,
        Absent = new() { Capacity = options.Absent.Capacity, Policy = options.Absent.Policy },
        Removed = options.Removed is { } handler
            ? removal => handler(new(removal.Key, removal.WasAbsent ? default : removal.Value.Value, removal.Cause, removal.WasAbsent))
            : null,
        TimeProvider = options.TimeProvider,
        Logger = options.Logger,
    };
}
