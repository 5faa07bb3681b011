using Larder.Eviction;
using Larder.Memory;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace Larder.Hosting;

/// <summary>An entry as its maker fills it in. Disposed, it is in the cache: as its bare value, or itself if it has more to do than to be a value.</summary>
internal sealed class MemoryEntry : ICacheEntry
{
    // The entry being made, where entries are linked: those read or made meanwhile hand on to it what they depend on.
    private static readonly AsyncLocal<MemoryEntry?> _current = new();

    private readonly LarderMemoryCache _cache;
    private readonly MemoryEntry? _outer;
    private MemoryWatch? _watch; // Made by whoever first needs it.
    private object? _value;
    private bool _hasValue;
    private volatile bool _isDisposed;

    internal MemoryEntry(LarderMemoryCache cache, object key)
    {
        _cache = cache;
        Key = key;
        if (!cache.LinksEntries) return;
        _outer = _current.Value;
        _current.Value = this;
    }

    internal static MemoryEntry? Current => _current.Value;

    public object Key { get; }

    public object? Value
    {
        get => _value;
        set
        {
            _value = value;
            _hasValue = true;
        }
    }

    public DateTimeOffset? AbsoluteExpiration { get; set; }

    public TimeSpan? AbsoluteExpirationRelativeToNow
    {
        get;
        set
        {
            if (value <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(AbsoluteExpirationRelativeToNow), value, "The relative expiration value must be positive.");
            field = value;
        }
    }

    public TimeSpan? SlidingExpiration
    {
        get;
        set
        {
            if (value <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(SlidingExpiration), value, "The sliding expiration value must be positive.");
            field = value;
        }
    }

    public IList<IChangeToken> ExpirationTokens => MakeWatch().Tokens;

    public IList<PostEvictionCallbackRegistration> PostEvictionCallbacks => MakeWatch().Callbacks;

    public CacheItemPriority Priority { get; set; } = CacheItemPriority.Normal;

    public long? Size
    {
        get;
        set
        {
            if (value < 0) throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(value)} must be non-negative.");
            field = value;
        }
    }

    /// <summary>What it depends on and who is told when it leaves; null for nothing and nobody.</summary>
    internal MemoryWatch? Watch => Volatile.Read(ref _watch);

    /// <summary>Where it stands in the cache. Written once, before it is there.</summary>
    internal Entry<object, object?>? Node { get; set; }

    /// <summary>Whether somebody who takes it out sees to all that follows, so that nobody else need be told.</summary>
    internal bool IsTaken { get; private set; }

    /// <summary>Whether it must be kept itself, and not its value alone.</summary>
    internal bool IsMoreThanValue =>
        _watch is not null || Priority != CacheItemPriority.Normal || _value is MemoryEntry || _cache.LinksEntries;

    internal Rank Rank { get; private set; }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        if (_cache.LinksEntries) _current.Value = _outer;

        // Without a value its maker has failed, and it is as if it had not been begun.
        if (!_hasValue) return;
        _cache.Commit(this);
        if (_outer is not null) HandOnTo(_outer);
    }

    /// <summary>What the cache goes by is settled: the maker's later changes are nobody's concern.</summary>
    internal void Seal()
    {
        if (_cache.LinksEntries) _ = MakeWatch(); // What is made inside it may be finished after it.
        _watch?.Seal();
        Rank = Priority switch
        {
            CacheItemPriority.Low => Rank.Low,
            CacheItemPriority.High => Rank.High,
            CacheItemPriority.NeverRemove => Rank.Pinned,
            _ => Rank.Middle,
        };
    }

    /// <summary>What depends on this depends on the same tokens, and lives no longer.</summary>
    internal void HandOnTo(MemoryEntry outer)
    {
        if (_watch?.TokensNow() is { Length: > 0 } tokens) outer.MakeWatch().Add(tokens);
        if (AbsoluteExpiration is { } end && !(end >= outer.AbsoluteExpiration))
        {
            outer.AbsoluteExpiration = end;
            if (outer._isDisposed) outer.MakeWatch().EndAt(end);
        }

        // It is in the cache already, which finds out by asking.
        if (outer._isDisposed) outer._cache.LookThrough();
    }

    /// <summary>Why it is at its end, beside the time that the cache was told of; none while it is not.</summary>
    internal EvictionReason EndBy(TimeProvider time) => Watch is not { } watch ? EvictionReason.None
        : watch.HasChanged() ? EvictionReason.TokenExpired
        : watch.IsOver(time) ? EvictionReason.Expired : EvictionReason.None;

    /// <summary>It is about to be taken out of the cache by who calls this, and then <see cref="Left"/>.</summary>
    internal void Take(EvictionReason reason)
    {
        IsTaken = true;
        _watch?.Blame(reason);
    }

    /// <summary>It has left the cache: its tokens are let go, and its callbacks told on the thread pool, in the caller's context, for each entry by itself. One that blocks holds up no other's.</summary>
    internal void Left(EvictionReason reason)
    {
        if (_watch?.Close(reason) == true)
            ThreadPool.QueueUserWorkItem(static entry => entry._watch!.Tell(entry.Key, entry.Value, entry._cache.Log), this, preferLocal: false);
    }

    /// <summary>A token says that it has changed. From the pool, for a token may say so while it is asked to.</summary>
    internal static void OnChange(object? entry) =>
        ThreadPool.UnsafeQueueUserWorkItem(static entry => entry._cache.DropIfOver(entry, EvictionReason.TokenExpired), (MemoryEntry)entry!, preferLocal: false);

    public override string? ToString() => _value?.ToString();

    private MemoryWatch MakeWatch() => _watch ?? Interlocked.CompareExchange(ref _watch, new(), null) ?? _watch;
}
