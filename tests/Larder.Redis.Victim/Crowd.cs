using System.Diagnostics;
using System.Globalization;

namespace Larder.Redis.Victim;

/// <summary>Many callers of one key, over a loader that takes its time, or never ends.</summary>
internal sealed class Crowd(Truth truth, int port, int index, TimeSpan lease)
{
    private readonly Lock _gate = new();
    private bool _hangs;

    internal async Task RunAsync(TextReader commands, TextWriter answers)
    {
        await using var member = await Member.OpenAsync(port, LoadAsync, lease, TimeSpan.FromSeconds(60), RedisTracking.ByPrefix, static channel => channel);
        await answers.WriteLineAsync("ready");
        while (await commands.ReadLineAsync() is { } command)
        {
            string[] words = command.Split(' ');
            if (words[0] == "hang")
            {
                _hangs = true;
                await answers.WriteLineAsync(command);
                continue;
            }

            // read KEY CALLERS
            int key = int.Parse(words[1], CultureInfo.InvariantCulture), callers = int.Parse(words[2], CultureInfo.InvariantCulture);
            var reads = Enumerable.Range(0, callers).Select(_ => Task.Run(() => member.Cache.GetAsync(key).AsTask())).ToArray();
            string[] values = [.. (await Task.WhenAll(reads)).Select(static value => value ?? "none").Distinct()];
            await answers.WriteLineAsync($"{command}: {string.Join(' ', values)}");
        }
    }

    private async ValueTask<string> LoadAsync(int key, CancellationToken cancellationToken)
    {
        lock (_gate) truth.NoteLoad(index, Stopwatch.GetTimestamp());
        await Task.Delay(_hangs ? Timeout.Infinite : 200, cancellationToken);
        return $"loaded-{key}";
    }
}
