using Larder.Hosting;
using Larder.Memory;
using Larder.Observability;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;

namespace Larder;

/// <summary>Larder as the <see cref="IMemoryCache"/> that a program already uses: its reads take no lock, and a full cache evicts by a policy where Microsoft's refuses what is new.</summary>
/// <remarks>
/// Entries behave as Microsoft's do: expirations, tokens, callbacks, links, sizes. Priorities decide who leaves a full cache: low ones first, then normal ones by the
/// <see cref="LarderMemoryCacheOptions.Policy"/>, then high ones; one that is never to be removed is not removed to make room for others. In a cache of more than a thousand entries that holds
/// for each of its parts by itself.
/// </remarks>
/// <example><code>
/// services.AddLarderMemoryCache();      // in place of AddMemoryCache()
///
/// var report = cache.GetOrCreate("report", entry =>
/// {
///     entry.SlidingExpiration = TimeSpan.FromMinutes(5);
///     return Build();
/// });
/// </code></example>
public sealed class LarderMemoryCache : IMemoryCache
{
    private readonly LarderMemoryCacheOptions _options;
    private readonly Cache<object, object?> _cache;
    private readonly MemoryCore<object, object?> _core;

    // Reads that found an entry whose token had changed: the engine counted them as hits. Added to by all readers.
    private long _changed;

    // Entries that threw when they were looked at, or taken out, on the thread pool.
    private long _faults;

    // When entries are next looked through for silent tokens; the most there is while nobody has any. Exchanged.
    private long _nextScan = long.MaxValue;

    private volatile bool _isDisposed;

    /// <summary>Builds a cache.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public LarderMemoryCache(LarderMemoryCacheOptions? options = null)
    {
        _options = options ?? new();
        if (_options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        var removals = new RemovalQueue<object, object?>(OnRemoval, _options.Logger, static value => value is MemoryEntry { Watch: not null, IsTaken: false });
        _cache = new(new()
        {
            Capacity = Math.Max(1, _options.SizeLimit ?? _options.Capacity),
            Policy = _options.Policy.Ranked(static node => node is Entry<object, object?> { Value: MemoryEntry entry } ? entry.Rank : Eviction.Rank.Middle),
            TimeProvider = _options.TimeProvider,
            Logger = _options.Logger,
        }, removals);
        _core = _cache.Core;
    }

    /// <summary>How many entries are alive.</summary>
    public int Count => _isDisposed ? 0 : _cache.Count;

    /// <summary>The keys of the live entries.</summary>
    public IEnumerable<object> Keys => _isDisposed ? [] : _cache.Keys;

    /// <inheritdoc/>
    public ICacheEntry CreateEntry(object key)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(key);
        return new MemoryEntry(this, key);
    }

    /// <inheritdoc/>
    public bool TryGetValue(object key, out object? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Volatile.Read(ref _nextScan) != long.MaxValue) ScanIfDue();
        if (!_core.TryGet(key, out value)) return Missed(key);
        return value is not MemoryEntry entry || TryServe(entry, out value);
    }

    /// <inheritdoc/>
    public void Remove(object key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int hash = _core.HashOf(key);
        var entry = TakeAt(key, hash, EvictionReason.Removed);
        _core.ShardOf(hash).Remove(key, hash, RemovalCause.Removed, _core.Now, out _);
        entry?.Left(EvictionReason.Removed);
        if (Volatile.Read(ref _nextScan) != long.MaxValue) ScanIfDue();
    }

    /// <summary>Removes every entry; callbacks are told that they were removed.</summary>
    public void Clear()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        List<MemoryEntry> taken = [];
        foreach (var node in _core.Shards.Entries())
        {
            if (node.Value is not MemoryEntry entry) continue;
            entry.Take(EvictionReason.Removed);
            taken.Add(entry);
        }

        _cache.Clear();
        foreach (var entry in taken) entry.Left(EvictionReason.Removed);
    }

    /// <summary>Removes what has expired, and as much more as it takes to remove this share of the entries: those that would leave a full cache first, and none that is never to be removed.</summary>
    /// <param name="percentage">The share: from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 0, or above 1.</exception>
    public void Compact(double percentage)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!(percentage is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(percentage), percentage, "The share must be from 0 to 1.");
        int before = _core.Shards.Entries().Count();
        Scan();
        _core.Shards.Evict((int)(before * percentage) - (before - _cache.Count));
    }

    /// <summary>What the cache has done so far. Counting costs nothing, so unlike Microsoft's it is always there.</summary>
    public MemoryCacheStatistics? GetCurrentStatistics()
    {
        var done = _cache.Statistics;
        long changed = Volatile.Read(ref _changed);
        return new()
        {
            TotalHits = done.Hits - changed,
            TotalMisses = done.Misses + changed,
            CurrentEntryCount = Count,
            CurrentEstimatedSize = _options.SizeLimit is null ? null : _cache.Weight,
        };
    }

    /// <summary>Forgets everything, without telling callbacks. Later calls throw; entries being made come to nothing.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var node in _core.Shards.Entries())
            if (node.Value is MemoryEntry entry) Release(entry);

        _cache.Dispose();
    }

    internal ICacheView View => CacheView.Of(_cache, _options.Name);

    internal bool LinksEntries => _options.TrackLinkedCacheEntries;

    internal ILogger Log => _options.Logger;

    /// <summary>Puts a finished entry into the cache, unless it is at its end already or too large.</summary>
    internal void Commit(MemoryEntry entry)
    {
        if (_isDisposed) return;
        if (_options.SizeLimit is not null && entry.Size is null) throw new InvalidOperationException("Cache entry must specify a value for Size when SizeLimit is set.");
        var utc = _options.TimeProvider.GetUtcNow();
        if (entry.AbsoluteExpirationRelativeToNow is { } life && After(utc, life) is var end && !(entry.AbsoluteExpiration <= end)) entry.AbsoluteExpiration = end;
        entry.Seal();
        int hash = _core.HashOf(entry.Key);
        var prior = TakeAt(entry.Key, hash, EvictionReason.Replaced);
        var refusal = Refusal(entry, utc);
        if (refusal == EvictionReason.None) _core.Set(Written(entry, hash, utc));
        else _core.ShardOf(hash).Remove(entry.Key, hash, RemovalCause.Replaced, _core.Now, out _);
        prior?.Left(EvictionReason.Replaced);
        if (refusal != EvictionReason.None) entry.Left(refusal);
        else if (entry.Watch is { } watch) Attach(watch, entry);
        if (Volatile.Read(ref _nextScan) != long.MaxValue) ScanIfDue();
    }

    /// <summary>From now on entries are looked through now and then, for the ends of some say nothing by themselves.</summary>
    internal void LookThrough() => Interlocked.CompareExchange(ref _nextScan, After(_core.Now), long.MaxValue);

    /// <summary>Takes out an entry that is at its end.</summary>
    internal void Drop(MemoryEntry entry, EvictionReason reason)
    {
        entry.Take(reason);
        if (entry.Node is { } node) _core.ShardOf(node.Hash).Drop(node, RemovalCause.Expired, _core.Now);
        entry.Left(reason);
    }

    /// <summary>Takes out an entry that is at its end. For the thread pool: what a token throws, or a key's equality, harms neither the process nor other entries.</summary>
    internal void DropIfOver(MemoryEntry entry, EvictionReason? known = null)
    {
        try
        {
            if ((known ?? entry.EndBy(_options.TimeProvider)) is not EvictionReason.None and var end) Drop(entry, end);
        }
        catch (Exception error)
        {
            long count = Interlocked.Increment(ref _faults);
            if (EverFewer.IsDue(count)) Log.ExpiryFailed(count, error);
        }
    }

    private EvictionReason Refusal(MemoryEntry entry, DateTimeOffset utc)
    {
        if (entry.AbsoluteExpiration <= utc) return EvictionReason.Expired;
        if (entry.Watch?.HasChanged() == true) return EvictionReason.TokenExpired;
        return entry.Size > _options.SizeLimit ? EvictionReason.Capacity : EvictionReason.None;
    }

    private NewEntry<object, object?> Written(MemoryEntry entry, int hash, DateTimeOffset utc)
    {
        var (hard, deadline, idle) = LifetimeRule<object, object?>.Deadlines(
            entry.AbsoluteExpiration is { } end ? (end - utc).Ticks : long.MaxValue, entry.SlidingExpiration?.Ticks ?? 0, _core.Now);
        if (idle != 0) _core.ProlongOnHits();
        var written = new NewEntry<object, object?>(entry.Key, entry.Value, hash, IsAbsent: false, _options.SizeLimit is null ? 1 : entry.Size!.Value, deadline, hard, idle);
        if (!entry.IsMoreThanValue) return written;
        entry.Node = new RichEntry<object, object?>(entry.Key, entry, hash, written.Weight, idle, hard) { Deadline = deadline };
        return written with { Value = entry, Made = entry.Node };
    }

    private void Attach(MemoryWatch watch, MemoryEntry entry)
    {
        watch.Attach(entry);
        if (watch.HasSilent) LookThrough();
        if (_isDisposed) Release(entry);
    }

    private MemoryEntry? TakeAt(object key, int hash, EvictionReason reason)
    {
        if (_core.Find(key, hash)?.Value is not MemoryEntry entry) return null;
        entry.Take(reason);
        return entry;
    }

    private bool TryServe(MemoryEntry entry, out object? value)
    {
        value = null;
        if (entry.EndBy(_options.TimeProvider) is not EvictionReason.None and var end)
        {
            Interlocked.Increment(ref _changed);
            Drop(entry, end);
            return false;
        }

        if (LinksEntries && MemoryEntry.Current is { } outer) entry.HandOnTo(outer);
        value = entry.Value;
        return true;
    }

    // What has expired leaves by itself within a second. One with callbacks leaves at once, for whoever looks.
    private bool Missed(object key)
    {
        if (_core.Find(key, _core.HashOf(key)) is { Value: MemoryEntry entry } node && _core.Now >= node.ExpiresAt) Drop(entry, EvictionReason.Expired);
        return false;
    }

    private void ScanIfDue()
    {
        long due = Volatile.Read(ref _nextScan), now = _core.Now;
        if (now < due || Interlocked.CompareExchange(ref _nextScan, After(now), due) != due) return;
        ThreadPool.UnsafeQueueUserWorkItem(static cache => cache.Scan(), this, preferLocal: false);
    }

    // Takes out what is at its end in silence.
    private void Scan()
    {
        foreach (var node in _core.Shards.Entries())
            if (node.Value is MemoryEntry entry) DropIfOver(entry);
    }

    private long After(long now) => now + Math.Min(_options.ScanFrequency.Ticks, long.MaxValue - 1 - now);

    private static DateTimeOffset After(DateTimeOffset utc, TimeSpan life) => life > DateTimeOffset.MaxValue - utc ? DateTimeOffset.MaxValue : utc + life;

    // Evicted, expired, or cleared together with others: whatever nobody has taken out by its key.
    private void OnRemoval(Removal<object, object?> removal) => ((MemoryEntry)removal.Value!).Left(removal.Cause switch
    {
        RemovalCause.Evicted => EvictionReason.Capacity,
        RemovalCause.Expired => EvictionReason.Expired,
        RemovalCause.Replaced => EvictionReason.Replaced,
        _ => EvictionReason.Removed,
    });

    // Its tokens are let go, and nobody is told.
    private static void Release(MemoryEntry entry)
    {
        entry.Take(EvictionReason.None);
        _ = entry.Watch?.Close(EvictionReason.None);
    }
}
