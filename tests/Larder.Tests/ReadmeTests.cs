using System.Text.RegularExpressions;

namespace Larder.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_first_cache_in_the_readme_is_the_compiled_sample()
    {
        string readme = Read("README.md");
        var block = Assert.Single(Regex.Matches(readme, "^```csharp\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline));
        Assert.Equal(Read("samples", "Quickstart", "Program.cs"), block.Groups[1].Value);
    }

    private static string Read(params string[] path)
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Larder.slnx"))) root = Path.GetDirectoryName(root);
        Assert.NotNull(root);
        return File.ReadAllText(Path.Combine([root, .. path])).ReplaceLineEndings("\n");
    }
}
