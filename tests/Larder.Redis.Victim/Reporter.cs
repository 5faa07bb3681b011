using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Larder.Redis.Victim;

/// <summary>Reads all keys and writes those that are its own, and keeps a history of it.</summary>
internal sealed class Reporter(Truth truth, string folder, int port, int index, int processes, int seed, RedisTracking tracking) : IDisposable
{
    private const int Readers = 3;

    private readonly ConcurrentQueue<Happened> _events = new();
    private readonly CancellationTokenSource _writing = new(), _working = new();
    private long _reads, _longestRead, _longestStall;

    internal async Task RunAsync(TextReader commands, TextWriter answers)
    {
        await using var member = await Member.OpenAsync(port, LoadAsync, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.5), tracking, channel => new NotedChannel(channel, _events));
        await answers.WriteLineAsync("ready");
        var writer = Task.Run(() => WriteAsync(member));
        Task[] work = [.. Enumerable.Range(0, Readers).Select(reader => Task.Run(() => ReadAsync(member, new(seed + (100 * index) + reader)))), Task.Run(WatchAsync)];
        while (await commands.ReadLineAsync() is { } command)
        {
            if (command == "quiet")
            {
                await _writing.CancelAsync();
                await writer;
            }
            else if (command == "settle")
            {
                for (int key = 0; key < Truth.Keys; key++)
                    while (await member.Cache.GetAsync(key) != Value(key, truth[key])) await Task.Delay(5);
            }
            else
            {
                break;
            }

            await answers.WriteLineAsync(command);
        }

        await _working.CancelAsync();
        await Task.WhenAll(work);
        new History([.. _events], _reads, _longestRead, _longestStall).Save(Path.Combine(folder, $"history-{index}"));
        await answers.WriteLineAsync("saved");
    }

    public void Dispose()
    {
        _writing.Dispose();
        _working.Dispose();
    }

    private static string Value(int key, long version) => string.Create(CultureInfo.InvariantCulture, $"{key}:{version}");

    private async ValueTask<string> LoadAsync(int key, CancellationToken cancellationToken)
    {
        long version = truth[key];
        if (version % 3 == 0) await Task.Delay(1, cancellationToken); // What was read grows old before it is stored.
        return Value(key, version);
    }

    private async Task WriteAsync(Member member)
    {
        var random = new Random(seed - 1 - index);
        int[] own = [.. Enumerable.Range(0, Truth.Keys).Where(key => key % processes == index)];
        while (!_writing.IsCancellationRequested)
        {
            int key = own[random.Next(own.Length)];
            long start = Stopwatch.GetTimestamp(), version = truth[key] + 1;
            truth[key] = version;
            if (random.Next(2) == 0) await member.Cache.SetAsync(key, Value(key, version));
            else await member.Cache.RemoveAsync(key);
            while (!member.IsTold) await Task.Delay(1);
            _events.Enqueue(new(Happening.Written, key, version, start, Stopwatch.GetTimestamp()));
            if (random.Next(3) == 0) await Task.Delay(random.Next(8));
        }
    }

    private async Task ReadAsync(Member member, Random random)
    {
        for (int i = 0; !_working.IsCancellationRequested; i++)
        {
            int key = random.Next(Truth.Keys);
            long start = Stopwatch.GetTimestamp();
            string value = await member.Cache.GetAsync(key) ?? throw new InvalidOperationException($"Key {key} has no value.");
            long end = Stopwatch.GetTimestamp(), version = VersionOf(value, key);
            if (version < truth[key]) _events.Enqueue(new(Happening.Read, key, version, start, end));
            Interlocked.Increment(ref _reads);
            for (long longest = Volatile.Read(ref _longestRead); end - start > longest; longest = Volatile.Read(ref _longestRead))
                if (Interlocked.CompareExchange(ref _longestRead, end - start, longest) == longest) break;
            if (i % 20 == 0) await Task.Delay(1);
        }
    }

    private static long VersionOf(string value, int key)
    {
        string[] parts = value.Split(':');
        return int.Parse(parts[0], CultureInfo.InvariantCulture) == key
            ? long.Parse(parts[1], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"Key {key} was answered with {value}, another's value.");
    }

    // How late timers are: what a bound on the real clock must allow for.
    private async Task WatchAsync()
    {
        long period = Stopwatch.Frequency / 50;
        while (!_working.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            await Task.Delay(20);
            _longestStall = Math.Max(_longestStall, Stopwatch.GetTimestamp() - start - period);
        }
    }
}
