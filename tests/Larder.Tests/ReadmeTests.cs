using System.Text.RegularExpressions;

namespace Larder.Tests;

public sealed class ReadmeTests
{
    public static TheoryData<string, string> Pages => new()
    {
        { "README.md", "samples/Quickstart/Program.cs" },
        { "docs/get-started.md", "samples/GetStarted/Program.cs" },
        { "docs/patterns/read-through.md", "samples/Patterns/ReadThrough.cs" },
        { "docs/patterns/cache-aside.md", "samples/Patterns/CacheAside.cs" },
        { "docs/patterns/refresh-ahead.md", "samples/Patterns/RefreshAhead.cs" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_code_on_the_page_is_the_compiled_sample(string page, string sample)
    {
        var block = Assert.Single(Regex.Matches(Docs.ReadFile(page), "^```csharp\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline));
        Assert.Equal(Docs.ReadFile(sample), block.Groups[1].Value);
    }
}
