using System.Diagnostics;
using Larder;

namespace Storefront;

/// <summary>What a read gave, from where (see <see cref="ReadThrough{TValue}"/>), and how long it took.</summary>
internal sealed record Answer<TValue>(TValue? Value, string From, double Milliseconds) where TValue : class;

/// <summary>A loading cache in front of a source for which null is "no such key", telling its reads in the page's words.</summary>
internal sealed class ReadThrough<TValue>(Func<string, Task<TValue?>> source, LoadingCacheOptions<string, TValue> options) : IAsyncDisposable where TValue : class
{
    public LoadingCache<string, TValue> Cache { get; } = new(options with
    {
        Loaders = [Loader.For<string, TValue>(async (LoadRequest<string, TValue> request, CancellationToken _) => await source(request.Key) is { } value ? value : Loaded<TValue>.Absent)],
    });

    public async ValueTask<Answer<TValue>> ReadAsync(string key)
    {
        long began = Stopwatch.GetTimestamp();
        var read = await Cache.ReadAsync(key);
        string from = read.Status switch
        {
            ReadStatus.Hit or ReadStatus.Stale when read.Tier is { } tier and not "memory" => tier,
            ReadStatus.Hit => "cache",
            ReadStatus.Stale => "stale",
            ReadStatus.Fallback => "fallback",
            ReadStatus.Absent => "absent",
            _ => "source",
        };
        return new(read.Value, from, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>Those that there are, in the order asked for. One that the source fails to bring is left out.</summary>
    public async Task<IReadOnlyList<TValue>> ReadManyAsync(IReadOnlyList<string> keys)
    {
        var read = await Cache.ReadManyAsync(keys);
        return [.. keys.Select(key => read[key].Value).OfType<TValue>()];
    }

    public ValueTask DisposeAsync() => Cache.DisposeAsync();
}
