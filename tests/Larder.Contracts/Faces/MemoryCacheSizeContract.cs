using Larder.TestKit;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Contracts.Faces;

/// <summary>What an <see cref="IMemoryCache"/> promises of sizes and priorities: only what holds for one that refuses what is new when it is full, and for one that evicts.</summary>
public abstract class MemoryCacheSizeContract<TMaker> : IDisposable where TMaker : IMemoryCacheMaker, new()
{
    private readonly IMemoryCache _cache = new TMaker().Make(new(), sizeLimit: 10);
    private readonly Evictions _evictions = new();

    public void Dispose()
    {
        _cache.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Under_a_limit_an_entry_without_a_size_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => _cache.Set("key", 1));
        Assert.Equal("Cache entry must specify a value for Size when SizeLimit is set.", error.Message);
        Assert.False(_cache.TryGetValue("key", out _));
    }

    [Fact]
    public void Without_a_limit_sizes_do_not_matter()
    {
        using var cache = new TMaker().Make(new());
        cache.Set("key", 1, Sized(long.MaxValue));
        cache.Set("other", 1, Sized(long.MaxValue));
        Assert.Equal([1, 1], new[] { "key", "other" }.Select(cache.Get));
    }

    [Fact]
    public void What_fills_the_cache_to_the_brim_is_kept()
    {
        _cache.Set("a", 1, Sized(4));
        _cache.Set("b", 2, Sized(6));
        _cache.Set("nothing", 3, Sized(0));
        Assert.Equal([1, 2, 3], new[] { "a", "b", "nothing" }.Select(_cache.Get));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public void A_replacement_counts_in_place_of_what_it_replaces(long size)
    {
        _cache.Set("key", "old", Sized(10));
        _cache.Set("key", "new", Sized(size));
        Assert.Equal("new", _cache.Get("key"));
    }

    [Fact]
    public async Task An_entry_beyond_the_limit_is_not_kept_and_its_callback_is_told()
    {
        _cache.Set("other", 1, Sized(3));
        _cache.Set("key", 1, _evictions.Options().SetSize(11));
        Assert.Null(_cache.Get("key"));
        Assert.Equal("key=1 Capacity", await _evictions.NextAsync());
    }

    [Fact]
    public async Task An_entry_beyond_the_limit_takes_with_it_what_it_would_replace()
    {
        _cache.Set("key", "old", _evictions.Options().SetSize(5));
        _cache.Set("key", "new", Sized(11));
        Assert.Null(_cache.Get("key"));
        Assert.Equal("key=old Replaced", await _evictions.NextAsync());
    }

    [Fact]
    public void Room_comes_back_with_what_leaves()
    {
        _cache.Set("a", 1, Sized(10));
        _cache.Remove("a");
        _cache.Set("b", 2, Sized(10));
        Assert.Equal(2, _cache.Get("b"));
    }

    [Fact]
    public void The_sizes_never_sum_to_more_than_the_limit()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        for (int i = 0; i < 1_000; i++) Set(random.Next(50), random.Next(5));
        long held = Enumerable.Range(0, 50).Sum(key => _cache.Get(key) is long size ? size : 0);
        Assert.True(held <= 10, $"It holds {held}; seed {seed}.");
    }

    [Fact]
    public void What_is_never_to_be_removed_makes_no_room_for_others()
    {
        for (int i = 0; i < 5; i++) _cache.Set(i, i, Sized(2).SetPriority(CacheItemPriority.NeverRemove));
        for (int i = 10; i < 20; i++) _cache.Set(i, i, Sized(1).SetPriority((CacheItemPriority)(i % 4)));
        Assert.Equal(Enumerable.Range(0, 5), Enumerable.Range(0, 5).Where(i => _cache.TryGetValue(i, out _)));
        _cache.Remove(0);
        Assert.False(_cache.TryGetValue(0, out _));
    }

    [Fact]
    public void Reads_are_counted_where_they_are_counted_at_all()
    {
        _cache.Set("key", 1, Sized(4));
        _cache.Get("key");
        _cache.Get("key");
        _cache.Get("another");
        if (_cache.GetCurrentStatistics() is not { } counted) return; // Microsoft's does not count unless told to.
        Assert.Equal((2, 1, 1, 4), (counted.TotalHits, counted.TotalMisses, counted.CurrentEntryCount, counted.CurrentEstimatedSize));
    }

    private void Set(int key, long size) => _cache.Set(key, size, Sized(size));

    private static MemoryCacheEntryOptions Sized(long size) => new() { Size = size };
}
