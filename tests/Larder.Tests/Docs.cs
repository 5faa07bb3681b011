namespace Larder.Tests;

/// <summary>The repository's files, as they are where the tests were built.</summary>
internal static class Docs
{
    /// <summary>A file below docs/.</summary>
    public static string Read(string path) => ReadFile(Path.Combine("docs", path));

    public static string ReadFile(string path)
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Larder.slnx"))) root = Path.GetDirectoryName(root);
        Assert.NotNull(root);
        return File.ReadAllText(Path.Combine(root, path)).ReplaceLineEndings("\n");
    }
}
