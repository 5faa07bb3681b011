using Larder.TestKit;
using Larder.Tiers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Larder.Tests.Hosting.Faces;

/// <summary>Hybrid caches of several processes over one distributed cache that their containers have, which may fail.</summary>
public sealed class HybridCacheOverDistributedTests
{
    private static readonly HybridCacheEntryOptions _pastMemory = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    private readonly FakeClock _clock = new();
    private readonly ShakyDistributedCache _shared;

    public HybridCacheOverDistributedTests() =>
        _shared = new(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions { Clock = new MicrosoftMemoryCaches.Clock(_clock) })));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Fails.AtOnce)]
    [InlineData(Fails.AsTask)]
    [InlineData(Fails.Later)]
    public async Task Reads_that_fail_below_are_misses_and_what_memory_has_is_served(Fails how)
    {
        await using var process = Process();
        var cache = process.GetRequiredService<HybridCache>();
        Assert.Equal(1, await Get(cache, "key", 1));
        await SettledAsync(process);
        _shared.Reads = how;
        Assert.Equal(1, await Get(cache, "key", 2));
        Assert.Equal(3, await Get(cache, "key", 3, _pastMemory));
        Assert.Equal(4, await Get(cache, "new", 4));
        Assert.Equal(4, await Get(cache, "new", 5));
        Assert.Equal(0, await cache.GetOrCreateAsync("none", static _ => new ValueTask<int>(6), new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData }, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData(Fails.AtOnce)]
    [InlineData(Fails.AsTask)]
    [InlineData(Fails.Later)]
    public async Task Writes_that_fail_below_are_nobodys_exception_and_are_made_good(Fails how)
    {
        await using ServiceProvider one = Process(), other = Process();
        var cache = one.GetRequiredService<HybridCache>();
        await cache.SetAsync("removed", 1, cancellationToken: Cancel);
        _shared.Writes = how;
        Assert.Equal(1, await Get(cache, "made", 1));
        await cache.SetAsync("set", 2, cancellationToken: Cancel);
        await cache.RemoveAsync("removed", Cancel);
        Assert.Equal((1, 2, 3), (await Get(cache, "made", 9), await Get(cache, "set", 9), await Get(cache, "removed", 3, _pastMemory)));
        _shared.Writes = Fails.Never;
        await RecoveredAsync(one);
        var others = other.GetRequiredService<HybridCache>();
        Assert.Equal((1, 2), (await Get(others, "made", 9), await Get(others, "set", 9)));
    }

    [Fact]
    public async Task What_a_process_made_last_is_what_the_next_begins_with_whatever_tags_were_removed_before()
    {
        int? last = null;
        for (int round = 10; round < 40; round += 10)
        {
            await using var process = Process();
            var cache = process.GetRequiredService<HybridCache>();
            Assert.Equal(last ?? round, await Get(cache, "key", round, tags: ["tag"]));
            await cache.RemoveByTagAsync("another", Cancel);
            Assert.Equal(last ?? round, await Get(cache, "key", 0, tags: ["tag"]));
            await cache.RemoveByTagAsync("tag", Cancel);
            Assert.Equal(round + 1, await Get(cache, "key", round + 1, tags: ["tag"]));
            await cache.RemoveByTagAsync("*", Cancel);
            Assert.Equal(round + 2, await Get(cache, "key", round + 2, tags: ["tag"]));
            Assert.Equal(round + 2, await Get(cache, "key", 0, tags: ["tag"]));
            last = round + 2;
            await SettledAsync(process);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task A_tag_that_one_process_removed_counts_for_another_that_meets_it_for_the_first_time()
    {
        await using ServiceProvider one = Process(), other = Process();
        var (cache, others) = (one.GetRequiredService<HybridCache>(), other.GetRequiredService<HybridCache>());
        await cache.SetAsync("key", "original", tags: ["tag"], cancellationToken: Cancel);
        await cache.SetAsync("apart", "original", tags: ["other"], cancellationToken: Cancel);
        await SettledAsync(one);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await cache.RemoveByTagAsync("tag", Cancel);
        await SettledAsync(one);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("made anew", await others.GetOrCreateAsync("key", static _ => new ValueTask<string>("made anew"), tags: ["tag"], cancellationToken: Cancel));
        Assert.Equal("original", await others.GetOrCreateAsync("apart", static _ => new ValueTask<string>("made anew"), cancellationToken: Cancel));
    }

    [Fact]
    public async Task What_is_left_of_the_whole_time_is_what_memory_has_of_it()
    {
        HybridCacheEntryOptions options = new() { Expiration = TimeSpan.FromMinutes(2), LocalCacheExpiration = TimeSpan.FromMinutes(1) };
        await using var process = Process();
        var cache = process.GetRequiredService<HybridCache>();
        Assert.Equal(1, await Get(cache, "key", 1, options));
        await SettledAsync(process);
        _clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(1, await Get(cache, "key", 2, options)); // From below, for half a minute.
        _clock.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(3, await Get(cache, "key", 3, options));
    }

    private ServiceProvider Process() =>
        new ServiceCollection().AddSingleton<TimeProvider>(_clock).AddSingleton<IDistributedCache>(_shared).AddLarderHybridCache().Services.BuildServiceProvider();

    // The clock moves only while the writer rests by it, after a failure.
    private async Task RecoveredAsync(ServiceProvider process)
    {
        var writer = Writer(process);
        while (writer.Waiting > 0 || writer.MustClear)
        {
            if (writer.Rest is { IsCompleted: false }) _clock.Advance(TimeSpan.FromMilliseconds(100));
            else await Task.Delay(1, Cancel);
        }

        await SettledAsync(process);
    }

    private static ValueTask SettledAsync(ServiceProvider process) => Writer(process).DrainAsync(TimeSpan.FromSeconds(30));

    private static TierWriter Writer(ServiceProvider process) => Assert.Single(process.GetRequiredService<LarderHybridCache>().Cache.Loads.Tiers!.Tiers).Writer;

    private static ValueTask<int> Get(HybridCache cache, string key, int made, HybridCacheEntryOptions? options = null, string[]? tags = null) =>
        cache.GetOrCreateAsync(key, made, static (made, _) => new ValueTask<int>(made), options, tags, Cancel);
}
