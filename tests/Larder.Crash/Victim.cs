using System.Diagnostics;
using System.Globalization;

namespace Larder.Crash;

/// <summary>A process that uses a disk tier until it is killed.</summary>
internal static class Victim
{
    /// <summary>Lets it live for a while, and kills it (SIGKILL on Unix). Returns what it said, if it ended before.</summary>
    internal static async Task<string?> LiveAsync(string directory, string progress, int seed, long diskSize, TimeSpan life)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Larder.Crash.Victim.dll"), directory, progress, seed.ToString(CultureInfo.InvariantCulture), diskSize.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = Task.WhenAll(process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        var end = process.WaitForExitAsync();
        bool endedItself = await Task.WhenAny(end, Task.Delay(life)) == end;
        if (!endedItself) process.Kill();
        await end;
        return endedItself ? $"The process ended by itself with {process.ExitCode}: {string.Join('\n', await said)}" : null;
    }
}
