namespace Larder.Tidy;

/// <summary>The files the checks look at, by path from the repository's root, with forward slashes.</summary>
internal static class Repo
{
    private static readonly string[] _notOurs = ["artifacts", "bin", "obj", "TestResults", ".git"];

    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(Path(relative));

    /// <summary>Files of one kind below the given folders; a folder that is not there has none.</summary>
    public static IEnumerable<string> Files(string pattern, params string[] folders) =>
        folders.Select(Path).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, pattern, SearchOption.AllDirectories))
            .Select(f => System.IO.Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !f.Split('/').Any(_notOurs.Contains))
            .Order(StringComparer.Ordinal);

    /// <summary>The C# that is shipped or run by users.</summary>
    public static IEnumerable<string> Code => Files("*.cs", "src", "tools");

    private static string FindRoot(string from)
    {
        for (var at = new DirectoryInfo(from); at is not null; at = at.Parent)
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Larder.slnx"))) return at.FullName;
        throw new InvalidOperationException($"No Larder.slnx above {from}.");
    }
}
