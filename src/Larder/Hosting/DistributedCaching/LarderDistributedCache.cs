using System.Buffers;
using Larder.Hosting;
using Microsoft.Extensions.Caching.Distributed;

namespace Larder;

/// <summary>Larder as the <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/> that a program already uses: in memory alone, or over tiers.</summary>
/// <remarks>
/// <para>Values are copied on the way in and on the way out: what a caller does to an array afterwards changes nothing here. An entry whose absolute expiration has passed is not kept.</para>
/// <para>Without tiers, every member ends at once. With tiers, the synchronous ones wait for a tier where the asynchronous ones would, and block the thread meanwhile; what is found in memory
/// blocks nobody. Where an entry has a sliding expiration, its use is written to the tiers when a quarter of that time has gone by: other processes may still find it that much later.</para>
/// </remarks>
/// <example><code>
/// services.AddLarderDistributedCache();      // in place of AddDistributedMemoryCache()
///
/// await cache.SetAsync("token", bytes, new() { SlidingExpiration = TimeSpan.FromMinutes(20) }, cancel);
/// byte[]? found = await cache.GetAsync("token", cancel);
/// </code></example>
public sealed class LarderDistributedCache : IBufferDistributedCache, IAsyncDisposable, IDisposable
{
    // What part of its sliding time goes by before an entry's use is written to the tiers, and is added to its time there.
    private const int Parts = 4;

    private readonly LoadingCache<string, StoredBytes> _cache;
    private readonly TimeProvider _time;
    private readonly bool _hasTiers;
    private readonly bool _isCoherent;

    // The one that was wanted last, for most entries live as long as the one before. Written by any writer.
    private Lifetime _latest = Lifetime.FreshFor(TimeSpan.MaxValue);

    /// <summary>Builds a cache.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public LarderDistributedCache(LarderDistributedCacheOptions? options = null)
    {
        options ??= new();
        if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        _time = options.TimeProvider;
        _hasTiers = options.Tiers is { Count: > 0 };
        _isCoherent = options.Coherence is not null;
        _cache = new(new()
        {
            Name = options.Name,
            Memory = new()
            {
                Capacity = options.SizeLimit,
                Policy = options.Policy,
                Weigher = static (_, stored) => Math.Max(1, stored.Bytes.Length),
                LifetimeOf = (_, stored) => LifetimeOf(stored, _time.GetUtcNow().UtcTicks),
                TimeProvider = _time,
                Logger = options.Logger,
            },
            Tiers = options.Tiers!,
            Coherence = options.Coherence,
            Payloads = new() { Serializer = new StoredBytesSerializer(), Compression = options.Compression },
        });
    }

    /// <summary>What the cache has done so far.</summary>
    public LoadingStatistics Statistics => _cache.Statistics;

    /// <inheritdoc/>
    public byte[]? Get(string key) => Find(key, out var stored) ? Copy(stored) : _hasTiers ? GetBelow(key) : null;

    /// <inheritdoc/>
    public Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (token.IsCancellationRequested) return Task.FromCanceled<byte[]?>(token);
        return Find(key, out var stored) ? Task.FromResult<byte[]?>(Copy(stored)) : _hasTiers ? GetBelowAsync(key, token) : Task.FromResult<byte[]?>(null);
    }

    /// <inheritdoc/>
    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return Find(key, out var stored) ? Write(stored, destination) : _hasTiers && TryGetBelow(key, destination);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        if (token.IsCancellationRequested) return ValueTask.FromCanceled<bool>(token);
        return Find(key, out var stored) ? new(Write(stored, destination)) : _hasTiers ? new(TryGetBelowAsync(key, destination, token)) : new(false);
    }

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        StoreNow(key, [.. value], options);
    }

    /// <inheritdoc/>
    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        return token.IsCancellationRequested ? Task.FromCanceled(token) : Store(key, [.. value], options, token).AsTask();
    }

    /// <inheritdoc/>
    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        StoreNow(key, value.ToArray(), options);
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        return token.IsCancellationRequested ? ValueTask.FromCanceled(token) : Store(key, value.ToArray(), options, token);
    }

    /// <inheritdoc/>
    public void Refresh(string key)
    {
        if (!Find(key, out _) && _hasTiers) RefreshBelow(key);
    }

    /// <inheritdoc/>
    public Task RefreshAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (token.IsCancellationRequested) return Task.FromCanceled(token);
        return Find(key, out _) || !_hasTiers ? Task.CompletedTask : FindBelowAsync(key, token);
    }

    /// <inheritdoc/>
    public void Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Wait(() => _cache.RemoveAsync(key).AsTask());
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return token.IsCancellationRequested ? Task.FromCanceled(token) : _cache.RemoveAsync(key, token).AsTask();
    }

    /// <summary>Forgets everything, in the tiers too.</summary>
    public ValueTask ClearAsync(CancellationToken token = default) => _cache.ClearAsync(token);

    /// <summary>Takes no more calls, and closes what was opened for this cache.</summary>
    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    /// <summary>As <see cref="DisposeAsync"/>, and blocks until that has ended.</summary>
    public void Dispose() => Wait(() => DisposeAsync().AsTask());

    internal LoadingCache<string, StoredBytes> Cache => _cache;

    internal bool HasTiers => _hasTiers;

    private bool Find(string key, out StoredBytes stored)
    {
        ArgumentNullException.ThrowIfNull(key);
        long asOf = _hasTiers ? _cache.Version : 0;
        if (!_cache.TryGet(key, out stored!)) return false;
        if (_hasTiers && stored.Sliding > 0) Rewrite(key, stored, asOf);
        return true;
    }

    private async Task<StoredBytes?> FindBelowAsync(string key, CancellationToken token)
    {
        long asOf = _cache.Version;
        var stored = await _cache.GetAsync(key, token).ConfigureAwait(false);
        if (stored is { Sliding: > 0 }) Rewrite(key, stored, asOf);
        return stored;
    }

    // Those that wait are apart, so that what needs no tier pays for no closure.
    private byte[]? GetBelow(string key) => Wait(() => GetBelowAsync(key, default));

    private bool TryGetBelow(string key, IBufferWriter<byte> destination) => Wait(() => TryGetBelowAsync(key, destination, default));

    private void RefreshBelow(string key) => Wait(() => FindBelowAsync(key, default));

    private void StoreNow(string key, byte[] bytes, DistributedCacheEntryOptions options)
    {
        if (!_hasTiers && !_isCoherent) Put(key, bytes, options).GetAwaiter().GetResult();
        else StoreBelow(key, bytes, options);
    }

    private void StoreBelow(string key, byte[] bytes, DistributedCacheEntryOptions options) => Wait(() => Put(key, bytes, options));

    private async Task<byte[]?> GetBelowAsync(string key, CancellationToken token) =>
        await FindBelowAsync(key, token).ConfigureAwait(false) is { } stored ? Copy(stored) : null;

    private async Task<bool> TryGetBelowAsync(string key, IBufferWriter<byte> destination, CancellationToken token) =>
        await FindBelowAsync(key, token).ConfigureAwait(false) is { } stored && Write(stored, destination);

    // Its time begins anew below too, unless the key has been written or removed since it was read.
    private void Rewrite(string key, StoredBytes stored, long asOf)
    {
        long now = _time.GetUtcNow().UtcTicks;
        if (Math.Abs(now - stored.Written) < stored.Sliding / Parts) return; // Also where the wall clock was set back: else it would not be written before that has caught up.
        var used = stored with { Written = now };
        var loads = _cache.Loads;
        int hash = loads.Core.HashOf(key);
        if (loads.Core.Find(key, hash) is not { } entry) _cache.Offer(key, used, asOf, LifetimeOf(used, now)); // Memory does not take it.
        else if (ReferenceEquals(entry.Value.Value, stored)) loads.Offers.TryReplace(entry, loads.Settlement.Prepare(key, hash, used, LifetimeOf(used, now), default, null), LifetimeOf(used, now));
    }

    private ValueTask Store(string key, byte[] bytes, DistributedCacheEntryOptions options, CancellationToken token)
    {
        var tried = Put(key, bytes, options);
        return tried.IsCompletedSuccessfully ? default : new(tried.WaitAsync(token));
    }

    // Ends when the tiers have tried. As the cache's own members do it, but for looking for faults in a lifetime that is ours.
    private Task Put(string key, byte[] bytes, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var loads = _cache.Loads;
        loads.Core.ThrowIfDisposed();
        var utc = _time.GetUtcNow();
        var stored = StoredBytes.Of(bytes, options, utc);
        int hash = loads.Core.HashOf(key);
        if (stored.End <= utc.UtcTicks) return loads.Changes.Remove(key, hash, RemovalCause.Removed, out _);
        var lifetime = LifetimeOf(stored, utc.UtcTicks);
        return loads.Changes.Write(loads.Settlement.Prepare(key, hash, stored, lifetime, default), lifetime);
    }

    // In memory a use prolongs an entry to the tick. In a tier it has the part of its time more that may go by before a use is written there.
    private Lifetime LifetimeOf(StoredBytes stored, long now)
    {
        long left = stored.End == long.MaxValue ? long.MaxValue : Math.Max(0, stored.End - now);
        if (stored.Sliding > 0 && _hasTiers) left = Math.Min(left, stored.Sliding > long.MaxValue / 2 ? long.MaxValue : stored.Sliding + stored.Sliding / Parts);
        var latest = Volatile.Read(ref _latest);
        if (latest.Fresh.Ticks == left && (latest.Idle?.Ticks ?? 0) == stored.Sliding) return latest;
        latest = stored.Sliding == 0 ? Lifetime.FreshFor(new(left)) : new() { Fresh = new(left), Idle = new(stored.Sliding) };
        Volatile.Write(ref _latest, latest);
        return latest;
    }

    private static byte[] Copy(StoredBytes stored) => [.. stored.Bytes];

    private static bool Write(StoredBytes stored, IBufferWriter<byte> destination)
    {
        destination.Write(stored.Bytes);
        return true;
    }

    private static T Wait<T>(Func<Task<T>> call)
    {
        T result = default!;
        Wait(async () => { result = await call().ConfigureAwait(false); });
        return result;
    }

    // For the interface's synchronous members. A tier of the user's own may come back to the caller's context, whose thread is the one that waits here: so it is shown none.
    private static void Wait(Func<Task> call)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            call().GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
