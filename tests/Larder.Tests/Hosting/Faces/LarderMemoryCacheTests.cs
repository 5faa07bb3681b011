using Larder.Contracts.Faces;
using Larder.TestKit;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Larder.Tests.Hosting.Faces;

/// <summary>What is ours alone: one line in a container, compaction, clearing, eviction where Microsoft's refuses.</summary>
public sealed class LarderMemoryCacheTests
{
    private readonly Evictions _evictions = new();

    [Fact]
    public async Task One_line_in_a_container_takes_the_place_of_Microsofts()
    {
        var clock = new FakeClock();
        var services = new ServiceCollection().AddMemoryCache().AddLarderMemoryCache(o => o with { SizeLimit = 10 }).AddMemoryCache();
        await using var provider = services.AddSingleton<TimeProvider>(clock).BuildServiceProvider();
        var cache = Assert.Single(provider.GetServices<IMemoryCache>());
        Assert.Same(provider.GetRequiredService<LarderMemoryCache>(), cache);
        cache.Set("key", 1, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(cache.Get("key"));
        Assert.Equal(10, provider.GetRequiredService<CacheDirectory>().Find("memory")!.Capacity);
    }

    [Fact]
    public void Every_fault_of_the_options_is_named_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => new LarderMemoryCache(new() { SizeLimit = -1, Capacity = 0, ScanFrequency = TimeSpan.FromTicks(-1), Policy = EvictionPolicy.Custom("mine", static _ => null!) }));
        Assert.All(["SizeLimit is -1", "Capacity is 0", "ScanFrequency is -", "Policy is 'mine'"], fault => Assert.Contains(fault, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_cache_evicts_and_takes_what_is_new()
    {
        using var cache = new LarderMemoryCache(new() { SizeLimit = 10, Policy = EvictionPolicy.Lru });
        cache.Set("old", 1, _evictions.Options().SetSize(6));
        cache.Set("new", 2, new MemoryCacheEntryOptions { Size = 6 });
        Assert.Equal("old=1 Capacity", await _evictions.NextAsync());
        Assert.Equal(2, cache.Get("new"));
        Assert.Equal(6, cache.GetCurrentStatistics()!.CurrentEstimatedSize);
    }

    [Fact]
    public void Low_priorities_leave_before_normal_ones_and_those_before_high_ones()
    {
        using var cache = new LarderMemoryCache(new() { Capacity = 4 });
        foreach (var priority in new[] { CacheItemPriority.High, CacheItemPriority.Low, CacheItemPriority.Normal, CacheItemPriority.NeverRemove })
            cache.Set(priority, 1, new MemoryCacheEntryOptions { Priority = priority });

        CacheItemPriority[] left = [CacheItemPriority.Low, CacheItemPriority.Normal, CacheItemPriority.High];
        for (int i = 0; i < left.Length; i++)
        {
            cache.Set(i, 1, new MemoryCacheEntryOptions { Priority = CacheItemPriority.NeverRemove });
            Assert.Equal(left[(i + 1)..].Append(CacheItemPriority.NeverRemove), Enum.GetValues<CacheItemPriority>().Where(priority => cache.TryGetValue(priority, out _)));
        }
    }

    [Fact]
    public void A_priority_that_changes_with_a_new_value_counts()
    {
        using var cache = new LarderMemoryCache(new() { Capacity = 2 });
        cache.Set("a", 1, new MemoryCacheEntryOptions { Priority = CacheItemPriority.NeverRemove });
        cache.Set("a", 2);
        cache.Set("b", 1);
        cache.Set("b", 2, new MemoryCacheEntryOptions { Priority = CacheItemPriority.NeverRemove });
        cache.Set("c", 1, new MemoryCacheEntryOptions { Priority = CacheItemPriority.High });
        Assert.Equal([null, 2, 1], new[] { "a", "b", "c" }.Select(cache.Get));
    }

    [Fact]
    public async Task Compaction_takes_what_has_expired_first_and_never_what_must_stay()
    {
        var clock = new FakeClock();
        using var cache = new LarderMemoryCache(new() { Capacity = 100, TimeProvider = clock, Policy = EvictionPolicy.Lru });
        cache.Set("stays", 1, _evictions.Options().SetPriority(CacheItemPriority.NeverRemove));
        cache.Set("token", 1, _evictions.Options().AddExpirationToken(new FakeToken(isActive: false) { HasChanged = false }));
        for (int i = 0; i < 8; i++) cache.Set(i, i, _evictions.Options());
        cache.Get(0);
        cache.Compact(0.5);
        Assert.Equal(5, cache.Count);
        Assert.Equal(0, cache.Get(0));
        string[] left = [await _evictions.NextAsync(), await _evictions.NextAsync(), await _evictions.NextAsync(), await _evictions.NextAsync(), await _evictions.NextAsync()];
        Assert.Equal(["1=1 Capacity", "2=2 Capacity", "3=3 Capacity", "4=4 Capacity", "token=1 Capacity"], left.Order());
        cache.Compact(1);
        Assert.Equal(["stays"], cache.Keys);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Compact(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Compact(double.NaN));
    }

    [Fact]
    public void Compaction_goes_by_priority_over_all_parts_of_a_cache()
    {
        using var cache = new LarderMemoryCache(); // In several parts.
        for (int i = 0; i < 100; i++) cache.Set($"{i}", i, new MemoryCacheEntryOptions { Priority = (CacheItemPriority)(i % 4) });
        for (int left = 3; left > 0; left--)
        {
            Assert.Equal(25 * (left + 1), cache.Count);
            cache.Compact(1.0 / (left + 1));
            Assert.DoesNotContain(cache.Keys, key => int.Parse((string)key, System.Globalization.CultureInfo.InvariantCulture) % 4 == 3 - left);
        }

        Assert.Equal(25, cache.Count);
    }

    [Fact]
    public async Task Sizes_stay_true_though_many_replace_remove_and_let_expire_at_once()
    {
        using var cache = new LarderMemoryCache(new() { SizeLimit = 1_000_000 });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (int round = 0; round < 5_000; round++)
            {
                int key = (round * 7 + worker) % 16;
                if (round % 5 == 0) cache.Remove(key);
                else if (round % 5 == 1) cache.TryGetValue(key, out _);
                else cache.Set(key, round, new MemoryCacheEntryOptions { Size = 100, AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(1) });
                if (round % 100 == 0) Assert.True(cache.GetCurrentStatistics()!.CurrentEstimatedSize is >= 0 and <= 2_000);
            }
        })));
        for (int key = 0; key < 16; key++) cache.Remove(key);
        Assert.Equal(0, cache.GetCurrentStatistics()!.CurrentEstimatedSize);
        for (int key = 0; key < 100; key++) cache.Set(key, key, new MemoryCacheEntryOptions { Size = 100 });
        Assert.All(Enumerable.Range(0, 100), key => Assert.Equal(key, cache.Get(key)));
    }

    [Fact]
    public async Task Clearing_tells_callbacks_and_lets_tokens_go_at_once()
    {
        using var cache = new LarderMemoryCache();
        var token = new FakeToken(isActive: true);
        cache.Set("key", 1, _evictions.Options().AddExpirationToken(token));
        cache.Set("plain", 1);
        cache.Clear();
        Assert.Equal((0, 0), (token.Listeners, cache.Count));
        Assert.Equal("key=1 Removed", await _evictions.NextAsync());
    }

    [Fact]
    public async Task Many_hand_on_to_an_entry_that_is_read_meanwhile()
    {
        using var cache = new LarderMemoryCache(new() { TrackLinkedCacheEntries = true });
        var go = new TaskCompletionSource();
        var outer = cache.CreateEntry("outer");
        outer.Value = 1;
        var workers = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            await go.Task;
            for (int i = 0; i < 100; i++) cache.Set((worker, i), i, new FakeToken(isActive: false));
        })).ToArray();
        outer.Dispose();
        var reader = Task.Run(() =>
        {
            while (!Task.WhenAll(workers).IsCompleted) Assert.True(cache.TryGetValue("outer", out _));
        });
        go.SetResult();
        await Task.WhenAll([.. workers, reader]);
        Assert.Equal(400, outer.ExpirationTokens.Count);
        ((FakeToken)outer.ExpirationTokens[399]).HasChanged = true;
        Assert.False(cache.TryGetValue("outer", out _));
    }

    [Fact]
    public void Disposing_lets_tokens_go_and_tells_nobody()
    {
        var cache = new LarderMemoryCache();
        var token = new FakeToken(isActive: true);
        cache.Set("key", 1, _evictions.Options().AddExpirationToken(token));
        cache.Dispose();
        Assert.Equal(0, token.Listeners);
        _evictions.AssertNoMore();
    }

    [Fact]
    public void A_hit_allocates_nothing()
    {
        using var cache = new LarderMemoryCache();
        cache.Set("key", new object());
        cache.Set("kept", new object(), new MemoryCacheEntryOptions { Priority = CacheItemPriority.High });
        Assert.Equal(0, Allocations.Of(() => cache.TryGetValue("key", out _)));
        Assert.Equal(0, Allocations.Of(() => cache.TryGetValue("kept", out _)));
    }

    [Fact]
    public void Reads_that_meet_a_changed_token_are_misses()
    {
        using var cache = new LarderMemoryCache();
        var token = new FakeToken(isActive: false);
        cache.Set("key", 1, token);
        cache.Get("key");
        token.HasChanged = true;
        cache.Get("key");
        Assert.Equal((1, 1), (cache.GetCurrentStatistics()!.TotalHits, cache.GetCurrentStatistics()!.TotalMisses));
    }
}
