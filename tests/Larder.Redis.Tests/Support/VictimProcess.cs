using System.Diagnostics;

namespace Larder.Redis.Tests.Support;

/// <summary>A process of its own that uses a cache, told what to do line by line.</summary>
internal sealed class VictimProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _complaints;

    private VictimProcess(Process process) => (_process, _complaints) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>Starts it. Ends when it has a link.</summary>
    public static async Task<VictimProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Larder.Redis.Victim.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = new VictimProcess(Process.Start(start)!);
        await process.HearAsync("ready");
        return process;
    }

    public Task SayAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Waits for its next line, which must begin so. Returns the line.</summary>
    public async Task<string> HearAsync(string beginning)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        string? line = await _process.StandardOutput.ReadLineAsync(patience.Token);
        if (line?.StartsWith(beginning, StringComparison.Ordinal) == true) return line;
        throw new InvalidOperationException($"The process said '{line}' instead of '{beginning}': {(line is null ? await _complaints : "")}");
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
