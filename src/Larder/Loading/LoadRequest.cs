namespace Larder;

/// <summary>What a loader is asked: for which key, and what the cache still has of it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Old">What the cache has, be it stale or expired; <see cref="Loaded{TValue}.Absent"/> if nothing. Its tag is the one the loader gave.</param>
/// <param name="Age">How long ago the old value was loaded; zero if there is none.</param>
/// <param name="IsRefresh">Whether this is in the background, with nobody waiting.</param>
/// <example><code>
/// Loader.For(async (LoadRequest&lt;string, Page&gt; request, CancellationToken cancel) =&gt;
/// {
///     var response = await http.GetAsync(request.Key, ifNoneMatch: request.Old.Tag, cancel);
///     return response.IsNotModified ? Loaded&lt;Page&gt;.NotModified : new(response.Page) { Tag = response.ETag };
/// })
/// </code></example>
public readonly record struct LoadRequest<TKey, TValue>(TKey Key, Loaded<TValue> Old, TimeSpan Age, bool IsRefresh) where TKey : notnull;
