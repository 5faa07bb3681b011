using System.Diagnostics;

namespace Larder.AspNetCore.Tests;

/// <summary>Prometheus's own programs.</summary>
internal static class PrometheusTools
{
    /// <summary>The program's path. Skips the test where it is missing, unless this is CI, where that is a failure.</summary>
    public static string PathOf(string name)
    {
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (found is null && Environment.GetEnvironmentVariable("CI") is null) Assert.Skip($"{name} is not installed: apt-get install prometheus");
        return found ?? throw new InvalidOperationException($"{name} is not installed.");
    }

    /// <summary>Runs promtool to its end, and fails with what it says unless it is content.</summary>
    public static async Task CheckAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(PathOf("promtool"), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var promtool = Process.Start(start)!;
        await promtool.StandardInput.WriteAsync(input);
        promtool.StandardInput.Close();
        var output = promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(promtool.ExitCode == 0, $"{await output}{errors}");
    }

    /// <summary>A file of the repository.</summary>
    public static string FileOf(string path)
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Larder.slnx"))) root = Path.GetDirectoryName(root);
        Assert.NotNull(root);
        return Path.Combine(root, path);
    }
}
