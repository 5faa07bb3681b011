namespace Larder.Tests;

public sealed class TagSetTests
{
    [Fact]
    public void A_set_holds_each_tag_once_in_the_order_given()
    {
        TagSet tags = ["a", "b", "a", "c", "b"];
        List<string> seen = [];
        foreach (var tag in tags) seen.Add(tag);
        Assert.Equal(["a", "b", "c"], seen);
        Assert.Equal((3, "a, b, c"), (tags.Count, tags.ToString()));
        Assert.True(tags.Contains("c"));
        Assert.False(tags.Contains("d"));
        Assert.Equal(["a"], Listed(["a", "a"]));
        Assert.Empty(Listed([]));
    }

    [Fact]
    public void Sets_of_the_same_tags_are_equal()
    {
        TagSet one = ["a", "b"], same = ["a", "b", "b"], other = ["b"];
        Assert.True(one == same && one != other && one.Equals((object)same) && !one.Equals(null));
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.Equal(default, TagSet.Create());
    }

    [Fact]
    public void What_is_no_tag_is_refused_with_the_reason()
    {
        Assert.Throws<ArgumentNullException>(static () => TagSet.Create((string)null!));
        Assert.Throws<ArgumentException>(static () => TagSet.Create("a", ""));
        Assert.Contains("257 characters; it may have 256", Assert.Throws<ArgumentException>(static () => TagSet.Create(new string('x', 257))).Message, StringComparison.Ordinal);
        Assert.Contains("stands for everything", Assert.Throws<ArgumentException>(static () => TagSet.Create("*")).Message, StringComparison.Ordinal);
        Assert.Contains("65 tags; there may be 64", Assert.Throws<ArgumentException>(static () => TagSet.Create([.. Enumerable.Range(0, 65).Select(i => $"{i}")])).Message, StringComparison.Ordinal);
    }

    private static List<string> Listed(TagSet tags)
    {
        List<string> all = [];
        foreach (var tag in tags) all.Add(tag);
        return all;
    }
}
