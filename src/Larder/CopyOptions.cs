namespace Larder;

/// <summary>Copies values that callers change, so that nobody changes another's. The copiers run outside all locks.</summary>
/// <example><code>new CacheOptions&lt;string, List&lt;int&gt;&gt; { Copy = new() { OnRead = static list => [.. list], OnWrite = static list => [.. list] } }</code></example>
public sealed record CopyOptions<TValue>
{
    /// <summary>Makes the copy that a reader gets. Default: null, readers share the cached value.</summary>
    public Func<TValue, TValue>? OnRead { get; init; }

    /// <summary>Makes the copy that is cached. Default: null, the cache shares the writer's value.</summary>
    public Func<TValue, TValue>? OnWrite { get; init; }
}
