using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Larder.Browser.Tests;

/// <summary>The sample shop in a process of its own, with a folder of its own.</summary>
internal sealed partial class Storefront : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private Storefront(Process process, string folder, string address) => (_process, _folder, Address) = (process, folder, address);

    public string Address { get; }

    public static async Task<Storefront> OpenAsync()
    {
        string folder = Directory.CreateTempSubdirectory("larder-storefront-").FullName;
        string program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Storefront", new DirectoryInfo(AppContext.BaseDirectory).Name, "Storefront.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0", "--data", folder])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            if (Opening().Match(line) is { Success: true } open) return new(process, folder, open.Groups[1].Value);
        throw new InvalidOperationException($"The shop ended with exit code {process.ExitCode} before it was open.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex("The shop is open at (http://[^ ,]+)")]
    private static partial Regex Opening();
}
