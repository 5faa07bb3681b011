using Larder.TestKit;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Contracts.Faces;

/// <summary>What an <see cref="IMemoryCache"/> promises as a whole: what it counts, how it is emptied and made smaller.</summary>
public abstract class MemoryCacheWholeContract<TMaker> : IDisposable where TMaker : IMemoryCacheMaker, new()
{
    private readonly TMaker _maker = new();
    private readonly FakeClock _clock = new();
    private readonly Evictions _evictions = new();
    private readonly IMemoryCache _cache, _limited;

    protected MemoryCacheWholeContract()
    {
        _cache = _maker.Make(_clock);
        _limited = _maker.Make(_clock, sizeLimit: 10);
    }

    private MemoryCacheStatistics Counted => _cache.GetCurrentStatistics()!;

    private long? Size => _limited.GetCurrentStatistics()!.CurrentEstimatedSize;

    public void Dispose()
    {
        _cache.Dispose();
        _limited.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Keys_of_every_type_are_told_and_counted()
    {
        object[] keys = ["a", 1, 2.5m, (1, 2), "2.5"];
        foreach (var key in keys) _cache.Set(key, key);
        Assert.Equal(keys.Length, _maker.Count(_cache));
        Assert.Equal(keys.ToHashSet(), _maker.Keys(_cache).ToHashSet());
        _cache.Remove(1);
        Assert.DoesNotContain(1, _maker.Keys(_cache));
    }

    [Fact]
    public void Going_through_the_keys_goes_on_while_they_are_removed()
    {
        for (int i = 0; i < 100; i++) _cache.Set($"{i}", i);
        foreach (var key in _maker.Keys(_cache)) _cache.Remove(key);
        Assert.Equal(0, _maker.Count(_cache));
    }

    [Fact]
    public async Task Clearing_removes_everything_tells_callbacks_and_lets_tokens_go()
    {
        var token = new FakeToken(isActive: true);
        _cache.Set("told", 1, _evictions.Options().AddExpirationToken(token));
        _cache.Set("pinned", 1, new MemoryCacheEntryOptions { Priority = CacheItemPriority.NeverRemove });
        _cache.Set("plain", 1);
        _maker.Clear(_cache);
        Assert.Equal((0, 0), (_maker.Count(_cache), token.Listeners));
        Assert.Equal([null, null, null], new[] { "told", "pinned", "plain" }.Select(_cache.Get));
        Assert.Equal("told=1 Removed", await _evictions.NextAsync());
        _cache.Set("told", 2);
        Assert.Equal(2, _cache.Get("told"));
    }

    [Fact]
    public void Clearing_leaves_no_size_behind()
    {
        _limited.Set("a", 1, Sized(6));
        _maker.Clear(_limited);
        Assert.Equal(0, Size);
        _limited.Set("b", 2, Sized(10));
        Assert.Equal(2, _limited.Get("b"));
    }

    [Fact]
    public void Compaction_of_nothing_is_nothing()
    {
        _maker.Compact(_cache, 0.5);
        _cache.Set("key", 1);
        _maker.Compact(_cache, 0);
        _maker.Compact(_cache, 0.9); // Of one entry, that is none.
        Assert.Equal(1, _cache.Get("key"));
    }

    [Fact]
    public void Compaction_in_full_leaves_what_is_never_to_be_removed_and_nothing_else()
    {
        foreach (var priority in Enum.GetValues<CacheItemPriority>())
            for (int i = 0; i < 3; i++) _cache.Set((priority, i), i, new MemoryCacheEntryOptions { Priority = priority });

        _maker.Compact(_cache, 1);
        Assert.Equal(3, _maker.Count(_cache));
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(i => _cache.Get((CacheItemPriority.NeverRemove, i))));
    }

    [Fact]
    public void Compaction_takes_low_priorities_first_and_high_ones_last()
    {
        CacheItemPriority[] order = [CacheItemPriority.High, CacheItemPriority.Low, CacheItemPriority.Normal];
        foreach (var priority in order)
            for (int i = 0; i < 2; i++) _cache.Set((priority, i), i, new MemoryCacheEntryOptions { Priority = priority });

        _maker.Compact(_cache, 0.34);
        Assert.Equal([2, 0, 2], order.Select(Left));
        _maker.Compact(_cache, 0.5);
        Assert.Equal([2, 0, 0], order.Select(Left));

        int Left(CacheItemPriority priority) => _maker.Keys(_cache).Count(key => (((CacheItemPriority Priority, int))key).Priority == priority);
    }

    [Fact]
    public void Compaction_takes_what_was_used_longest_ago()
    {
        for (int i = 0; i < 4; i++)
        {
            _cache.Set(i, i);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        _maker.Compact(_cache, 0.9);
        Assert.Equal([3], _maker.Keys(_cache));
    }

    [Fact]
    public async Task Compaction_takes_what_is_at_its_end_first_and_gives_the_reason_of_each()
    {
        _cache.Set("expired", 1, _evictions.Options().SetAbsoluteExpiration(TimeSpan.FromMinutes(1)));
        _cache.Set("low", 1, new MemoryCacheEntryOptions { Priority = CacheItemPriority.Low });
        _clock.Advance(TimeSpan.FromMinutes(1));
        _maker.Compact(_cache, 0.5);
        Assert.Equal("expired=1 Expired", await _evictions.NextAsync());
        Assert.Equal(1, _cache.Get("low"));
        _cache.Set("evicted", 1, _evictions.Options());
        _maker.Compact(_cache, 1);
        Assert.Equal("evicted=1 Capacity", await _evictions.NextAsync());
    }

    [Fact]
    public void Reads_are_counted_as_hits_and_misses_and_writes_are_not()
    {
        Assert.Equal((0, 0, 0, null), (Counted.TotalHits, Counted.TotalMisses, Counted.CurrentEntryCount, Counted.CurrentEstimatedSize));
        _cache.Set("key", 1, Sized(2));
        for (int i = 0; i < 100; i++)
        {
            _cache.Get("key");
            _cache.TryGetValue("none", out _);
            _cache.TryGetValue(i, out _);
        }

        _cache.Set("key", 2, Sized(3));
        _cache.Remove("none");
        Assert.Equal((100, 200, 1, null), (Counted.TotalHits, Counted.TotalMisses, Counted.CurrentEntryCount, Counted.CurrentEstimatedSize));
    }

    [Fact]
    public void A_token_that_has_changed_takes_the_old_entry_its_size_and_its_count_with_it()
    {
        var token = new FakeToken(isActive: true);
        _limited.Set("key", 1, Sized(5).AddExpirationToken(token));
        Assert.Equal(5, Size);
        token.HasChanged = true;
        _limited.Set("key", 2, Sized(5).AddExpirationToken(token));
        Assert.Equal((0, 0), (_maker.Count(_limited), Size));
    }

    [Fact]
    public void A_size_that_grows_or_shrinks_with_a_new_value_is_counted_once()
    {
        foreach (long size in new[] { 2, 3, 1, 10, 10, 4 })
        {
            _limited.Set("key", size, Sized(size));
            Assert.Equal((size, size), (_limited.Get("key"), Size));
        }

        _limited.Set("key", 0, Sized(11));
        Assert.Equal((null, 0), (_limited.Get("key"), Size));
    }

    [Fact]
    public void A_limit_of_nothing_keeps_what_has_no_size()
    {
        using var cache = _maker.Make(_clock, sizeLimit: 0);
        cache.Set("a", 1, Sized(1));
        cache.Set("b", 2, Sized(0));
        Assert.Equal([null, 2], new[] { "a", "b" }.Select(cache.Get));
    }

    [Fact]
    public void A_disposed_cache_tells_what_it_has_counted()
    {
        _cache.Set("key", 1);
        _cache.Get("key");
        _cache.Dispose();
        Assert.Equal(1, Counted.TotalHits);
        _ = _maker.Count(_cache);
        _ = _maker.Keys(_cache).Count();
        Assert.Throws<ObjectDisposedException>(() => _maker.Clear(_cache));
    }

    private static MemoryCacheEntryOptions Sized(long size) => new() { Size = size };
}
