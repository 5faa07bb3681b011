using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Larder.Tests.Tiers;

public sealed class DistributedCacheTierTests
{
    private const string GenerationKey = "larder/generation/test";

    [Fact]
    public async Task What_was_cleared_does_not_come_back_when_the_store_loses_the_generation()
    {
        var store = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        await using var tier = new DistributedCacheTier(store, "test");
        await Set(tier, "before");
        Assert.True(await Has(tier, "before"));
        await tier.ClearAsync();
        await store.RemoveAsync(GenerationKey, TestContext.Current.CancellationToken); // Evicted, for a store that is full.
        Assert.False(await Has(tier, "before"));
        await Set(tier, "after");
        Assert.True(await Has(tier, "after"));
        Assert.False(await Has(tier, "before"));
    }

    [Fact]
    public async Task A_store_that_has_lost_the_generation_has_lost_everything_and_goes_on_with_the_next_write()
    {
        var store = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        await using var tier = new DistributedCacheTier(store, "test");
        await Set(tier, "before");
        await store.RemoveAsync(GenerationKey, TestContext.Current.CancellationToken);
        Assert.False(await Has(tier, "before"));
        await Set(tier, "after");
        await using var other = new DistributedCacheTier(store, "test");
        Assert.True(await Has(other, "after"));
    }

    private static ValueTask Set(DistributedCacheTier tier, string key) => tier.SetAsync([new(new(key), new byte[] { 1 }, DateTimeOffset.MaxValue)]);

    private static async Task<bool> Has(DistributedCacheTier tier, string key)
    {
        using var found = new TierPayloads(1);
        await tier.GetAsync([new(key)], found);
        return found.TryGet(0, out _);
    }
}
