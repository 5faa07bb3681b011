using System.Diagnostics;
using System.Globalization;

namespace Larder.Crash;

/// <summary>A process that uses a disk tier until it is killed.</summary>
internal static class Victim
{
    /// <summary>
    /// Lets it live for a while, and kills it (SIGKILL on Unix): most often some time after it began to work, else while it starts.
    /// Returns what it said, if it ended before.
    /// </summary>
    internal static async Task<string?> LiveAsync(string directory, string progressFile, int seed, long diskSize, Random random)
    {
        using var progress = new Progress(progressFile);
        progress.IsWorking = false;
        bool mayStart = random.Next(5) > 0;
        var life = TimeSpan.FromMilliseconds(mayStart ? random.Next(700) : random.Next(400));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Larder.Crash.Victim.dll"), directory, progressFile, seed.ToString(CultureInfo.InvariantCulture), diskSize.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var said = Task.WhenAll(process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        var end = process.WaitForExitAsync();
        while (mayStart && !progress.IsWorking && !end.IsCompleted) await Task.Delay(2);
        bool endedItself = await Task.WhenAny(end, Task.Delay(life)) == end;
        if (!endedItself) process.Kill();
        await end;
        return endedItself ? $"The process ended by itself with {process.ExitCode}: {string.Join('\n', await said)}" : null;
    }
}
