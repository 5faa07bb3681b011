using Larder.TestKit;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Larder.Tests.Hosting.Faces;

/// <summary>Several hybrid caches in one container, each with its key, its options and its distributed cache.</summary>
public sealed class KeyedHybridCacheTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("one", "two")]
    [InlineData(typeof(string), typeof(int))]
    [InlineData("1", 1)]
    public async Task Each_key_has_its_cache_with_its_options_and_its_entries(object one, object two)
    {
        var services = new ServiceCollection();
        services.AddKeyedLarderHybridCache(one, static o => o with { MaximumKeyLength = 1, Name = "first" });
        services.AddKeyedLarderHybridCache(two, static (_, o) => o with { MaximumKeyLength = 2 });
        services.AddLarderHybridCache(static o => o with { MaximumKeyLength = 3 });
        await using var provider = services.BuildServiceProvider();
        HybridCache[] caches = [provider.GetRequiredKeyedService<HybridCache>(one), provider.GetRequiredKeyedService<HybridCache>(two), provider.GetRequiredService<HybridCache>()];
        Assert.Equal(3, caches.Distinct().Count());
        Assert.Same(caches[1], provider.GetRequiredKeyedService<LarderHybridCache>(two));
        Assert.Same(caches[2], provider.GetRequiredKeyedService<HybridCache>(null));
        for (int i = 0; i < caches.Length; i++)
        {
            string longest = new('k', i + 1);
            Assert.Equal((i, i), (await Get(caches[i], longest, i), await Get(caches[i], longest, 9)));
            Assert.Equal((i, 9), (await Get(caches[i], longest + "k", i), await Get(caches[i], longest + "k", 9)));
        }

        Assert.Equal(new[] { "first", "hybrid", $"hybrid:{two}" }.Order(StringComparer.Ordinal), provider.GetRequiredService<CacheDirectory>().All.Select(static view => view.Name));
    }

    [Fact]
    public async Task The_last_registration_of_a_key_counts_and_leaves_the_others()
    {
        var services = new ServiceCollection();
        services.AddKeyedSingleton<HybridCache>("one", static (_, _) => throw new InvalidOperationException());
        services.AddKeyedLarderHybridCache("two");
        services.AddKeyedLarderHybridCache("one", static o => o with { Capacity = 1 });
        services.AddKeyedLarderHybridCache("one", static o => o with { Capacity = 7 });
        services.AddKeyedLarderHybridCache(null);
        services.AddKeyedLarderHybridCache(null);
        await using var provider = services.BuildServiceProvider();
        Assert.Single(provider.GetKeyedServices<HybridCache>("one"));
        Assert.Single(provider.GetServices<HybridCache>());
        Assert.NotNull(provider.GetRequiredKeyedService<HybridCache>("one"));
        Assert.NotNull(provider.GetRequiredKeyedService<HybridCache>("two"));
        Assert.Equal(7, provider.GetRequiredService<CacheDirectory>().Find("hybrid:one")!.Capacity);
        Assert.Null(provider.GetKeyedService<HybridCache>("three"));
    }

    [Fact]
    public async Task A_distributed_cache_is_named_by_its_key()
    {
        await using var disk = new LarderDistributedCache(new() { Tiers = [new(new InMemoryTier())] });
        for (int process = 0; process < 2; process++)
        {
            var services = new ServiceCollection().AddDistributedMemoryCache().AddKeyedSingleton<IDistributedCache>("disk", new ShakyDistributedCache(disk));
            services.AddKeyedLarderHybridCache("kept", static o => o with { DistributedCacheServiceKey = "disk" });
            services.AddKeyedLarderHybridCache("local");
            await using var provider = services.BuildServiceProvider();
            Assert.Equal(0, await Get(provider.GetRequiredKeyedService<HybridCache>("kept"), "key", process));
            Assert.Equal(process, await Get(provider.GetRequiredKeyedService<HybridCache>("local"), "key", process));
        }
    }

    [Fact]
    public async Task Two_caches_over_one_distributed_cache_have_entries_and_tags_of_their_own()
    {
        await using var disk = new LarderDistributedCache(new() { Tiers = [new(new InMemoryTier())] });
        for (int process = 0; process < 2; process++)
        {
            var services = new ServiceCollection().AddSingleton<IDistributedCache>(new ShakyDistributedCache(disk));
            services.AddKeyedLarderHybridCache("one");
            services.AddKeyedLarderHybridCache("two");
            await using var provider = services.BuildServiceProvider();
            HybridCache one = provider.GetRequiredKeyedService<HybridCache>("one"), two = provider.GetRequiredKeyedService<HybridCache>("two");
            Assert.Equal((10 * process, 1), (await Get(one, "key", 10 * process), await Get(two, "key", 10 * process + 1)));
            await one.RemoveByTagAsync("*", Cancel);
            Assert.Equal((2, 1), (await Get(one, "key", 2), await Get(two, "key", 3)));
            await one.RemoveAsync("key", Cancel);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_key_that_no_distributed_cache_has_is_an_error_that_says_so(bool hasOne)
    {
        var services = new ServiceCollection();
        if (hasOne) services.AddDistributedMemoryCache();
        services.AddLarderHybridCache(static o => o with { DistributedCacheServiceKey = "none" });
        using var provider = services.BuildServiceProvider();
        Assert.Throws<InvalidOperationException>(provider.GetRequiredService<HybridCache>);
    }

    [Fact]
    public void Who_asks_for_a_clock_has_one_and_the_containers_own_is_taken()
    {
        using var plain = new ServiceCollection().AddLarderHybridCache().Services.BuildServiceProvider();
        Assert.Same(TimeProvider.System, plain.GetRequiredService<TimeProvider>());
        var clock = new FakeClock();
        using var own = new ServiceCollection().AddLarderHybridCache().Services.AddSingleton<TimeProvider>(clock).BuildServiceProvider();
        Assert.Same(clock, own.GetRequiredService<LarderHybridCache>().Cache.Loads.Time);
    }

    [Fact]
    public async Task A_container_that_knows_no_keys_will_do()
    {
        await using var provider = new ServiceCollection().AddLarderHybridCache().Services.BuildServiceProvider();
        await using var cache = new LarderHybridCache(new(), new Keyless(provider));
        Assert.Equal("made", await cache.GetOrCreateAsync("key", static _ => new ValueTask<string>("made"), cancellationToken: Cancel));
    }

    private static ValueTask<int> Get(HybridCache cache, string key, int made) => cache.GetOrCreateAsync(key, made, static (made, _) => new ValueTask<int>(made), cancellationToken: Cancel);

    private sealed class Keyless(IServiceProvider provider) : IServiceProvider
    {
        public object? GetService(Type serviceType) => provider.GetService(serviceType);
    }
}
