using System.Buffers;
using System.Text;
using Larder.TestKit;

namespace Larder.Tests.Tiers;

/// <summary>Two versions of a program over one store.</summary>
public sealed class SchemaTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly InMemoryTier _tier;

    public SchemaTests() => _tier = new(timeProvider: _clock);

    [Fact]
    public async Task Versions_side_by_side_do_not_destroy_each_others_entries()
    {
        await using TieredShop one = Version(1), two = Version(2);
        await one.Cache.SetAsync("a", "of one");
        await two.Cache.SetAsync("a", "of two");
        await using TieredShop oneAgain = Version(1), twoAgain = Version(2);
        Assert.Equal(("of one", "of two"), (await oneAgain.Cache.GetAsync("a"), await twoAgain.Cache.GetAsync("a")));
        await two.Cache.RemoveAsync("a");
        await using var oneOnceMore = Version(1);
        Assert.Equal("of one", await oneOnceMore.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task Old_entries_are_migrated_step_by_step_when_they_are_read_and_kept_as_new_ones()
    {
        await using (var one = Version(1)) await one.Cache.SetAsync("a", "x");
        await using (var three = Version(3, Appending(1, "+2"), Appending(2, "+3")))
        {
            var read = await three.Cache.ReadAsync("a");
            Assert.Equal(("x+2+3", ReadStatus.Hit, 0), (read.Value, read.Status, three.Calls));
            Assert.Equal(1, three.Tier(0).Migrated);
            await three.Cache.SetAsync("a", "new");
        }

        // Nothing of the old version may come back when the new entry is gone.
        await using var again = Version(3, Appending(1, "+2"), Appending(2, "+3"));
        Assert.Equal("new", await again.Cache.GetAsync("a"));
        await again.Cache.RemoveAsync("a");
        Assert.Equal("new a", await again.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task A_migration_that_throws_makes_a_miss_and_leaves_the_old_entry_to_the_old_version()
    {
        await using (var one = Version(1)) await one.Cache.SetAsync("a", "x");
        await using var two = Version(2, new SchemaMigration(1, static (_, _) => throw new TimeZoneNotFoundException()));
        Assert.Equal("new a", await two.Cache.GetAsync("a"));
        Assert.Equal(1, two.Tier(0).Unreadable);
    }

    [Fact]
    public async Task Sweeping_removes_what_no_version_of_now_reads()
    {
        foreach (int version in new[] { 0, 1, 2 })
        {
            await using var shop = Version(version);
            for (int i = 0; i < 10; i++) await shop.Cache.SetAsync($"{i}", "x");
        }

        await using var now = Version(3, Appending(2, "+3"));
        for (int i = 0; i < 5; i++) await now.Cache.SetAsync($"mine {i}", "x");
        Assert.Equal(20, await now.Cache.SweepVersionsAsync());
        Assert.Equal("x+3", await now.Cache.GetAsync("7"));
        Assert.Equal(10, await now.Cache.SweepVersionsAsync(includesMigratable: true));
        await now.Settled();
        Assert.Equal(6, _tier.Count);
    }

    [Fact]
    public async Task Caches_of_other_names_and_keys_of_other_types_never_meet()
    {
        await using var texts = new LoadingCache<string, string>(new LoadingCacheOptions<string, string> { Name = "a", Tiers = [new(_tier) { IsOwned = false }] });
        await using var numbers = new LoadingCache<int, string>(new LoadingCacheOptions<int, string> { Name = "a", Tiers = [new(_tier) { IsOwned = false }] });
        await using var nested = new LoadingCache<string, string>(new LoadingCacheOptions<string, string> { Name = "a/0/s", Tiers = [new(_tier) { IsOwned = false }] });
        await texts.SetAsync("1", "text");
        await numbers.SetAsync(1, "number");
        await nested.SetAsync("1", "nested");
        Assert.Equal(3, _tier.Count);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0, 1, 1)]
    [InlineData(3, 1)]
    [InlineData(3, 2, 1)]
    public void Migrations_with_a_gap_are_refused(int version, params int[] from) =>
        Assert.Contains("Payloads.Migrations", Assert.Throws<ArgumentException>(() => Version(version, [.. from.Select(static f => Appending(f, ""))])).Message, StringComparison.Ordinal);

    public async ValueTask DisposeAsync() => await _tier.DisposeAsync();

    private static SchemaMigration Appending(int from, string text) => new(from, (old, target) =>
    {
        foreach (var piece in old) target.Write(piece.Span);
        target.Write(Encoding.UTF8.GetBytes(text));
    });

    private TieredShop Version(int version, params SchemaMigration[] migrations) => new([new(_tier) { IsOwned = false }], _clock,
        options => options with { Payloads = new() { SchemaVersion = version, Migrations = migrations } });
}
