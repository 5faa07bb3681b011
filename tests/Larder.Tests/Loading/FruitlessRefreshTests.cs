namespace Larder.Tests.Loading;

/// <summary>Refreshes that change nothing in memory: the next reader is to begin another, and not to take the first for one that is still under way.</summary>
public sealed class FruitlessRefreshTests
{
    [Fact]
    public async Task A_refresh_that_is_not_to_be_written_to_memory_leaves_it_to_the_next_reader()
    {
        await using var shop = new Shop();
        await shop.Age(1, 11);
        Assert.Equal("old", (await shop.Cache.ReadAsync(1, Skip.MemoryWrite)).Value);
        await shop.Quiet();
        await IsRefreshedByTheNextReader(shop);
        Assert.Equal(2, shop.Calls);
    }

    [Fact]
    public async Task A_refresh_whose_value_bears_a_tag_removed_meanwhile_leaves_it_to_the_next_reader()
    {
        await using var shop = new Shop();
        await shop.Age(1, 11);
        var gate = shop.Gate();
        Assert.Equal("old", await shop.Cache.GetAsync(1));
        await shop.Cache.RemoveByTagAsync("tag");
        gate.SetResult(new Loaded<string>("outdated") { Tags = ["tag"] });
        await shop.Quiet();
        await IsRefreshedByTheNextReader(shop);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_whose_refresh_is_a_load_past_memory_that_comes_to_nothing_leaves_it_to_the_next(bool isCancelled)
    {
        await using var shop = new Shop();
        await shop.Age(1, 11);
        var gate = shop.Gate();
        using var cancellation = new CancellationTokenSource();
        var past = shop.Cache.ReadAsync(1, Skip.MemoryRead, cancellation.Token).AsTask();
        Assert.Equal("old", await shop.Cache.GetAsync(1));
        if (isCancelled) await cancellation.CancelAsync();
        else gate.SetException(new TimeZoneNotFoundException());
        await Assert.ThrowsAnyAsync<Exception>(() => past);
        await shop.Quiet();
        await IsRefreshedByTheNextReader(shop);
    }

    [Fact]
    public async Task A_refresh_whose_value_is_not_kept_and_that_may_not_remove_leaves_it_to_the_next_reader()
    {
        await using var shop = new Shop();
        await shop.Age(1, 11);
        shop.Answers = static (_, _) => new(new Loaded<string>("passing") { IsKept = false });
        Assert.Equal("old", (await shop.Cache.ReadAsync(1, Skip.TierWrite)).Value);
        await shop.Quiet();
        await IsRefreshedByTheNextReader(shop);
    }

    private static async Task IsRefreshedByTheNextReader(Shop shop)
    {
        shop.Answers = static (_, _) => new("new");
        Assert.Equal("old", await shop.Cache.GetAsync(1));
        await shop.Quiet();
        Assert.Equal("new", await shop.Cache.GetAsync(1));
    }
}
