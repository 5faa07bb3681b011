using Larder.Loading;

namespace Larder;

/// <summary>Reads whose loader says under which tags, and for how long, what it brings is kept.</summary>
public static class LoadingCacheTags
{
    extension<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>
        /// As <see cref="LoadingCache{TKey, TValue}.GetAsync{TState}"/>, by a loader that is told what the cache still has, and that says how what it brings is kept: for how long, under which tags, or not
        /// at all.
        /// </summary>
        /// <example><code>
        /// var page = await pages.GetOrLoadAsync(path, static async (request, site, cancel) =>
        ///     new Loaded&lt;Page&gt;(await site.RenderAsync(request.Key, cancel)) { Tags = ["pages", site.Name] }, site, cancel);
        /// </code></example>
        public ValueTask<TValue?> GetOrLoadAsync<TState>(
            TKey key, Func<LoadRequest<TKey, TValue>, TState, CancellationToken, ValueTask<Loaded<TValue>>> load, TState state, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(key);
            ArgumentNullException.ThrowIfNull(load);
            return cache.Loads.Core.FindQuickly(key) is { } entry && ShortPath.TryServe(cache.Loads.Core, cache.Loads.Tags, entry)
                ? new(entry.Value.Value)
                : cache.Loads.Results.Value(cache.Loads.Reads.MeetOrLoad(key, new ByRequest<TKey, TValue, TState>(load, state), cancellationToken));
        }

        /// <summary>As <c>GetOrLoadAsync</c>, and tells how it came by what it returns.</summary>
        public ValueTask<CacheResult<TValue>> ReadOrLoadAsync<TState>(
            TKey key, Func<LoadRequest<TKey, TValue>, TState, CancellationToken, ValueTask<Loaded<TValue>>> load, TState state, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(key);
            ArgumentNullException.ThrowIfNull(load);
            return cache.Loads.Results.Result(cache.Loads.Reads.MeetOrLoad(key, new ByRequest<TKey, TValue, TState>(load, state), cancellationToken));
        }
    }
}
