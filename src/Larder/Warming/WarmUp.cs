namespace Larder;

/// <summary>What warms a cache: values, and keys known not to exist.</summary>
/// <example><code>async cancel => new WarmUp&lt;int, Product&gt; { Values = await db.BestSellersAsync(cancel) }</code></example>
public sealed record WarmUp<TKey, TValue> where TKey : notnull
{
    /// <summary>The values. Default: none.</summary>
    public IReadOnlyDictionary<TKey, TValue> Values { get; init; } = new Dictionary<TKey, TValue>();

    /// <summary>Keys that do not exist. Default: none.</summary>
    public IReadOnlyCollection<TKey> Absent { get; init; } = [];

    /// <summary>How long they are kept. Default: null, as the cache's options say.</summary>
    public Lifetime? Lifetime { get; init; }
}

/// <summary>How far a warm-up is.</summary>
/// <param name="Warmed">Keys that are in the cache now, be it that they were there already.</param>
/// <param name="Failed">Keys whose load failed.</param>
/// <param name="Total">Keys in all.</param>
public readonly record struct WarmProgress(int Warmed, int Failed, int Total);
