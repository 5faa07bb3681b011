using System.Collections.Concurrent;
using System.Diagnostics;
using Larder;

namespace Storefront;

/// <summary>What a read gave, from where ("cache", "source" or "absent": remembered as unknown), and how long it took.</summary>
internal sealed record Answer<TValue>(TValue? Value, string From, double Milliseconds) where TValue : class;

/// <summary>A cache in front of an asynchronous source: a miss is loaded once, however many ask at that moment.</summary>
/// <remarks>
/// <see cref="Cache{TKey, TValue}"/> is synchronous: <c>GetOrAdd</c> over this source would hold a thread of the pool for
/// every visitor who waits. So the page path is: read, else await a load that all who miss share, which writes what it
/// brought. To cache the tasks themselves would be shorter and wrong: failures would be cached, and a task is in the
/// cache, taking room and being counted as a hit, before it has a value. A loading cache that does all of this by itself
/// is to come to Larder; until then, this is the pattern.
/// </remarks>
internal sealed class ReadThrough<TValue>(Cache<string, TValue> cache, Func<string, Task<TValue?>> source) where TValue : class
{
    // The loads under way. Lazy, since GetOrAdd of a ConcurrentDictionary may call its factory twice.
    private readonly ConcurrentDictionary<string, Lazy<Task<TValue?>>> _loads = new();
    private long _loaded;
    private long _failed;
    private long _ticks;

    public Cache<string, TValue> Cache => cache;

    public (long Loads, long Failures, double AverageMilliseconds) Loads =>
        (Volatile.Read(ref _loaded), Volatile.Read(ref _failed), Stopwatch.GetElapsedTime(0, Volatile.Read(ref _ticks)).TotalMilliseconds / Math.Max(1, Volatile.Read(ref _loaded)));

    public async ValueTask<Answer<TValue>> ReadAsync(string key)
    {
        long began = Stopwatch.GetTimestamp();
        return cache.Read(key, out var value) switch
        {
            ReadStatus.Hit => new(value, "cache", Since(began)),
            ReadStatus.Absent => new(null, "absent", Since(began)),
            _ => new(await LoadAsync(key), "source", Since(began)),
        };
    }

    /// <summary>Reads many: what is there in one call, the rest from the source, side by side.</summary>
    public async Task<IReadOnlyList<TValue>> ReadManyAsync(IReadOnlyList<string> keys)
    {
        var read = cache.GetMany(keys);
        var missing = await Task.WhenAll(read.Missing.Select(LoadAsync));
        var loaded = read.Missing.Zip(missing).ToDictionary(static pair => pair.First, static pair => pair.Second);
        return [.. keys.Select(key => read.Found.GetValueOrDefault(key) ?? loaded.GetValueOrDefault(key)).OfType<TValue>()];
    }

    /// <summary>The source has changed. A load that began before may bring the old value, so it is disowned first.</summary>
    public void Invalidate(string key)
    {
        _loads.TryRemove(key, out _);
        cache.Remove(key);
    }

    public void Clear()
    {
        _loads.Clear();
        cache.Clear();
    }

    private Task<TValue?> LoadAsync(string key) =>
        _loads.GetOrAdd(key, static (key, self) =>
        {
            Lazy<Task<TValue?>>? load = null;
            return load = new(() => self.FetchAsync(key, load!));
        }, this).Value;

    private async Task<TValue?> FetchAsync(string key, Lazy<Task<TValue?>> load)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            var value = await source(key);
            if (value is null) cache.SetAbsent(key);
            else cache.Set(key, value);
            Interlocked.Increment(ref _loaded);
            Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - began);

            // Written first and asked afterwards: whichever way an invalidation falls between the two, one of us removes it.
            if (!_loads.TryRemove(KeyValuePair.Create(key, load))) cache.Remove(key);
            return value;
        }
        catch
        {
            _loads.TryRemove(KeyValuePair.Create(key, load));
            Interlocked.Increment(ref _failed);
            throw;
        }
    }

    private static double Since(long began) => Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}
