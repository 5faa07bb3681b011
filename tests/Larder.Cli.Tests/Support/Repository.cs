namespace Larder.Cli.Tests.Support;

/// <summary>Finds what lies outside the test's own folder.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    private static string Traces => Environment.GetEnvironmentVariable("LARDER_TRACES") ?? Path.Combine(Root, "..", "shared", "traces");

    /// <summary>The folder of public traces, which the repository does not carry. Skips the test where it is absent.</summary>
    public static string RequireTraces()
    {
        if (!File.Exists(Path.Combine(Traces, "reference.csv"))) Assert.Skip($"No traces in '{Traces}': set LARDER_TRACES.");
        return Traces;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Larder.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No Larder.slnx above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}
