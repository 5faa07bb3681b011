namespace Larder.Tests;

public sealed class CacheTests
{
    [Fact]
    public void A_value_that_was_set_is_found_until_it_is_removed()
    {
        using var cache = new Cache<string, int>();
        cache.Set("a", 1);
        Assert.True(cache.TryGet("a", out int value));
        Assert.Equal(1, value);
        Assert.True(cache.TryGet("a".AsSpan(), out value));
        Assert.True(cache.Remove("a", out value));
        Assert.Equal(1, value);
        Assert.False(cache.TryGet("a", out _));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void A_full_cache_holds_its_capacity_and_no_more()
    {
        using var cache = new Cache<int, int>(new() { Capacity = 10_000 });
        for (int i = 0; i < 100_000; i++)
        {
            cache.Set(i, i);
            if (i == 9_999) Assert.Equal(10_000, cache.Count);
        }

        Assert.Equal(10_000, cache.Count);
        cache.CheckIntegrity();
        Assert.Equal(10_000, cache.Select(p => p.Key).Distinct().Count());
    }
}
