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
        // Not in attributes, where broken text does not stay what it is.
        (string? Tag, string Fault)[] refused =
        [
            (null, "is null;"), ("", "is '';"), (" \t", "that is not blank"), ("*", "stands for everything"), (new('x', 257), "257 characters; it may have 256"),
            ("a\ud800", "half of a surrogate pair"), ("\udc00b", "half of a surrogate pair"), ("a\udc00\ud800b", "half of a surrogate pair"),
        ];
        foreach (var (tag, fault) in refused)
        {
            var error = Assert.Throws<ArgumentException>(() => TagSet.Create("good", tag!));
            Assert.Equal("tags", error.ParamName);
            Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        }

        Assert.Contains("257 tags; there may be 256", Assert.Throws<ArgumentException>(static () => TagSet.Create([.. Enumerable.Range(0, 257).Select(i => $"{i}")])).Message, StringComparison.Ordinal);
        Assert.Equal(2, TagSet.Create("whole \ud83d\ude00", new('x', 256)).Count);
    }

    [Fact]
    public void To_whom_any_text_is_a_tag_each_text_is_one_of_its_own()
    {
        string[] texts = ["plain", "", " ", "*", "\ud800", "\ud801", new('x', 257), new('x', 258)];
        var tags = Array.ConvertAll(texts, TagSet.For);
        Assert.Equal("plain", tags[0]);
        Assert.Equal(texts.Length, TagSet.Create(tags).Count);
    }

    private static List<string> Listed(TagSet tags)
    {
        List<string> all = [];
        foreach (var tag in tags) all.Add(tag);
        return all;
    }
}
