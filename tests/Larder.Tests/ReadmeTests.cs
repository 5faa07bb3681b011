using System.Text.RegularExpressions;

namespace Larder.Tests;

public sealed class ReadmeTests
{
    public static TheoryData<string, string> Pages => new()
    {
        { "README.md", "samples/Quickstart/Program.cs" },
        { "README.md", "samples/Endpoint/Program.cs" },
        { "docs/concepts/hosting.md", "samples/Endpoint/Program.cs" },
        { "docs/get-started.md", "samples/GetStarted/Program.cs" },
        { "docs/patterns/read-through.md", "samples/Patterns/ReadThrough.cs" },
        { "docs/patterns/cache-aside.md", "samples/Patterns/CacheAside.cs" },
        { "docs/patterns/refresh-ahead.md", "samples/Patterns/RefreshAhead.cs" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_code_on_the_page_is_the_compiled_sample(string page, string sample)
    {
        var blocks = Regex.Matches(Docs.ReadFile(page), "^```csharp\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline);
        Assert.Equal(Pages.Count(row => row.Data.Item1 == page), blocks.Count);
        Assert.Contains(Docs.ReadFile(sample), blocks.Select(static block => block.Groups[1].Value));
    }

    [Theory]
    [InlineData("from-bitfaster")]
    [InlineData("from-easycaching")]
    [InlineData("from-fusioncache")]
    [InlineData("from-memorycache")]
    public void The_code_of_a_migration_is_a_region_of_what_is_compiled(string page)
    {
        var block = Assert.Single(Regex.Matches(Docs.ReadFile($"docs/migrate/{page}.md"), "^```csharp\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline));
        var region = Assert.Single(Regex.Matches(Docs.ReadFile("samples/Patterns/Migrating.cs"), $@"^( *)#region {page}\n(.*?)^ *#endregion", RegexOptions.Singleline | RegexOptions.Multiline));
        Assert.Equal(region.Groups[2].Value.Replace($"\n{region.Groups[1].Value}", "\n", StringComparison.Ordinal).TrimStart(), block.Groups[1].Value);
    }
}
