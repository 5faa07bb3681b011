namespace Larder.Tests.Views;

public sealed class CacheDirectoryTests
{
    [Fact]
    public void Caches_are_found_by_name_until_their_entry_is_disposed()
    {
        using Cache<string, int> one = new(), two = new();
        var directory = new CacheDirectory();
        var second = directory.Add(CacheView.Of(two, "b"));
        using var first = directory.Add(CacheView.Of(one, "a"));
        Assert.Equal(["a", "b"], directory.All.Select(static view => view.Name));
        Assert.NotNull(directory.Find("b"));
        second.Dispose();
        Assert.Null(directory.Find("b"));
        Assert.Single(directory.All);
    }

    [Fact]
    public void A_second_cache_of_a_name_is_refused_and_an_old_entry_does_not_take_away_a_new_one()
    {
        using Cache<string, int> one = new(), two = new();
        var directory = new CacheDirectory();
        var old = directory.Add(CacheView.Of(one, "a"));
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => directory.Add(CacheView.Of(two, "a"))).Message, StringComparison.Ordinal);
        old.Dispose();
        using var again = directory.Add(CacheView.Of(two, "a"));
        old.Dispose();
        Assert.NotNull(directory.Find("a"));
    }
}
