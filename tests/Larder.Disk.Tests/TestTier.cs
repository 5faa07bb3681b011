using System.Globalization;
using Larder.TestKit;
using Microsoft.Extensions.Logging;

namespace Larder.Disk.Tests;

/// <summary>A folder for a test's tiers, and short words for what is done with them.</summary>
internal sealed class TestFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("larder-disk-").FullName;

    internal FakeClock Clock { get; } = new();

    internal LogLines Lines { get; } = new();

    /// <summary>Small: pages of 64 KiB, segments of 1 MiB, 16 MiB of disk.</summary>
    internal DiskTierOptions Options => new()
    {
        Directory = Path,
        MemorySize = DiskTierOptions.SmallestMemory,
        DiskSize = DiskTierOptions.SmallestDisk,
        TimeProvider = Clock,
        Logger = Lines,
    };

    internal ValueTask<DiskTier> OpenAsync() => DiskTier.OpenAsync(Options);

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    internal string[] Segments() => [.. Directory.GetFiles(Path, "log.*").Order(StringComparer.Ordinal)];

    /// <summary>What all segments take. One that is removed meanwhile takes nothing.</summary>
    internal long BytesOfSegments() => Segments().Sum(static path =>
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    });

    internal string[] Aside() => Directory.GetDirectories(Path, "unreadable-*");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal static class Tiers
{
    /// <summary>The value that belongs to a key and a round: long enough to be told from all others.</summary>
    internal static byte[] Value(int key, int round = 0, int length = 200)
    {
        byte[] value = new byte[length];
        new Random((key * 7919) + round).NextBytes(value);
        BitConverter.TryWriteBytes(value, key);
        BitConverter.TryWriteBytes(value.AsSpan(4), round);
        return value;
    }

    internal static TierKey Key(int key) => new("key:" + key.ToString(CultureInfo.InvariantCulture));

    internal static ValueTask Set(this ICacheTier tier, int key, int round = 0, int length = 200) =>
        tier.SetAsync([new(Key(key), Value(key, round, length), DateTimeOffset.MaxValue)]);

    internal static async Task<byte[]?> Get(this ICacheTier tier, int key)
    {
        using var found = new TierPayloads(1);
        await tier.GetAsync([Key(key)], found);
        return found.TryGet(0, out var payload) ? payload.ToArray() : null;
    }
}

/// <summary>What was logged.</summary>
internal sealed class LogLines : ILogger
{
    private readonly List<(int Id, string Text)> _all = [];

    internal IReadOnlyList<(int Id, string Text)> All { get { lock (_all) return [.. _all]; } }

    internal bool Has(int id) => All.Any(line => line.Id == id);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_all) _all.Add((eventId.Id, formatter(state, exception)));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
}
