using Larder.Loading;
using Larder.Tiers;

namespace Larder;

/// <summary>What removes many keys by what they begin with.</summary>
public static class LoadingCachePrefixes
{
    extension<TValue>(LoadingCache<string, TValue> cache)
    {
        /// <summary>
        /// Removes every key that begins so, by ordinal: values, fallbacks and absences. What is being loaded for them goes to those who wait for it, and is not kept. Other processes are told. Memory is
        /// looked through; tiers cannot tell which of their keys begin so, and are cleared. Where that is too dear, and the beginnings are known beforehand, have them be tags: see
        /// <see cref="LoadingCacheOptions{TKey, TValue}.TagsOf"/>. A source that the cache writes to stays as it is.
        /// </summary>
        /// <exception cref="ArgumentException">The prefix is empty; <see cref="LoadingCache{TKey, TValue}.ClearAsync"/> removes everything.</exception>
        /// <example><code>await pages.RemoveByPrefixAsync("tenant:7/");</code></example>
        public ValueTask RemoveByPrefixAsync(string prefix, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(cache);
            ArgumentException.ThrowIfNullOrEmpty(prefix);
            var loads = cache.Loads;
            loads.Core.ThrowIfDisposed();
            cancellationToken.ThrowIfCancellationRequested();
            return new(RemoveAsync(loads, prefix, isText: cache.Options.Payloads.KeyFormat is null && WholeText.Is(prefix)).WaitAsync(cancellationToken));
        }
    }

    // What others have under keys of another form begins otherwise.
    private static async Task RemoveAsync<TValue>(Loads<string, TValue> loads, string prefix, bool isText)
    {
        await new PrefixRemoval<string, TValue>(loads).Remove(key => key.StartsWith(prefix, StringComparison.Ordinal), everywhere: true).ConfigureAwait(false);
        if (loads.Coherent is { } coherent) await (isText ? coherent.TellPrefixAsync(prefix) : coherent.TellClearedAsync()).ConfigureAwait(false);
    }
}
