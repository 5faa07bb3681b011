using Larder.Advising;
using Larder.Loading;

namespace Larder;

/// <summary>Reads for what is built upon a cache and decides by itself what may be served. Callers of one key share a load if their functions are the same.</summary>
internal static class LoadingCacheRequests
{
    extension<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>What memory has of the key, whatever its age. A use of it, and a read in the statistics if it counts; begins no refresh.</summary>
        internal CacheResult<TValue> Look(TKey key, bool counts)
        {
            var core = cache.Loads.Core;
            core.ThrowIfDisposed();
            var entry = cache.Loads.Reads.Find(key, core.HashOf(key));
            var status = EntryAges.StatusOf(EntryAges.Of(entry, core.Now));
            if (counts) core.Reads.Add(status);
            if (status == ReadStatus.Miss)
            {
                if (counts) core.Shards.Advisor?.HearMiss(core.HashOf(key), hasLapsed: false);
                return new();
            }

            core.Use(entry!, !counts ? KeyEvent.Written : status == ReadStatus.Expired ? KeyEvent.Lapsed : KeyEvent.Hit);
            return cache.Loads.Results.Of(entry!, status);
        }

        /// <summary>Reads the key, and loads it if need be by a function that is told what there is, and says how long what it brings lives.</summary>
        internal ValueTask<CacheResult<TValue>> ReadAsync<TState>(
            TKey key, Func<LoadRequest<TKey, TValue>, TState, CancellationToken, ValueTask<Loaded<TValue>>> load, TState state, CancellationToken cancellationToken) =>
            cache.Loads.Results.Result(cache.Loads.Reads.MeetOrLoad(key, new ByRequest<TKey, TValue, TState>(load, state), cancellationToken));

        /// <summary>Loads the key anew, whatever there is, or joins a load under way.</summary>
        internal ValueTask<CacheResult<TValue>> RefreshAsync<TState>(
            TKey key, Func<LoadRequest<TKey, TValue>, TState, CancellationToken, ValueTask<Loaded<TValue>>> load, TState state, CancellationToken cancellationToken)
        {
            var core = cache.Loads.Core;
            core.ThrowIfDisposed();
            int hash = core.HashOf(key);
            return cache.Loads.Results.Result(
                cache.Loads.Reads.Load(key, hash, cache.Loads.Reads.Find(key, hash), new ByRequest<TKey, TValue, TState>(load, state), cancellationToken, freshBeyond: long.MaxValue));
        }
    }
}
