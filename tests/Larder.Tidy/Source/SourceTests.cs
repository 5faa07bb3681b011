namespace Larder.Tidy.Source;

public class SourceTests
{
    private const int MostLinesOfFile = 300;
    private const int MostLinesOfMember = 60;

    // What was too long when the limit came. Entries may shrink and go, never grow or come.
    private static readonly Dictionary<string, int> _longFiles = [];
    private static readonly Dictionary<string, int> _longMembers = [];

    [Fact]
    public void No_file_is_longer_than_300_lines() =>
        Faults.None(TooLong(Repo.Code.Select(f => (f, CodeSizes.Lines(Repo.Read(f)))), MostLinesOfFile, _longFiles));

    [Fact]
    public void No_member_is_longer_than_60_lines() =>
        Faults.None(TooLong(Repo.Code.SelectMany(f => CodeSizes.Members(Repo.Read(f)).Select(m => ($"{f}: {m.Head}", m.Lines))), MostLinesOfMember, _longMembers));

    [Fact]
    public void No_banned_word_is_in_the_code() => Faults.None(Repo.Code.SelectMany(f => BannedWords.In(f, Repo.Read(f))));

    [Fact]
    public void There_is_code_to_check() => Assert.Contains("src/Larder/CacheOptions.cs", Repo.Code);

    [Fact]
    public void Too_long_is_found_unless_allowed_and_so_is_an_allowance_without_need()
    {
        Dictionary<string, int> allowed = new() { ["old"] = 310, ["mended"] = 310, ["gone"] = 310 };
        Assert.Empty(TooLong([("fine", 300), ("old", 310)], 300, new() { ["old"] = 310 }));
        Assert.Equal(4, TooLong([("old", 311), ("mended", 300), ("new", 301)], 300, allowed).Count());
    }

    [Fact]
    public void Members_are_measured_past_strings_and_initializers()
    {
        const string Code = """
            namespace N;
            // { not this one
            public sealed class C<T> where T : class
            {
                private readonly string _text = "{";
                private readonly Dictionary<int, int> _map = new()
                {
                    [1] = 2,
                };
                public int P { get; set; } = 3;
                public static U M<U>(U u, int n = 3) where U : class
                {
                    if (u is null) { throw new ArgumentNullException("}"); }
                    return u;
                }
                public int N => P switch
                {
                    0 => '{',
                    _ => 1,
                };
                private struct Inner { private void Deep() { } }
            }
            """;
        Assert.Equal([1, 1, 4, 1, 5, 5, 1], CodeSizes.Members(Code).Select(m => m.Lines));
    }

    [Theory]
    [InlineData("// TODO: later")]
    [InlineData("throw new NotImplementedException();")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("    #region Fields")]
    [InlineData("#if NET8_0")]
    [InlineData("internal static class CacheHelper")]
    public void A_banned_word_is_found(string line) => Assert.Single(BannedWords.In("a.cs", $"fine\n{line}\n"));

    [Fact]
    public void A_word_that_only_holds_a_banned_one_passes() => Assert.Empty(BannedWords.In("a.cs", "int todoCount; class Managerial { } // if # hackney"));

    private static IEnumerable<string> TooLong(IEnumerable<(string Name, int Lines)> measured, int most, Dictionary<string, int> allowed)
    {
        var sizes = measured.Where(m => m.Lines > most).ToLookup(m => m.Name, m => m.Lines);
        return sizes.SelectMany(s => s.Where(n => n > allowed.GetValueOrDefault(s.Key, most)).Select(n => $"{s.Key}: {n} lines, at most {most}"))
            .Concat(allowed.Keys.Where(a => !sizes.Contains(a)).Select(a => $"{a}: needs no allowance any more; remove it"));
    }
}
