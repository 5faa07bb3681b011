using System.Buffers.Binary;

namespace Larder.Crash;

/// <summary>Writes through a cache that writes behind, over a journal, to a file that stands for the source of truth; notes what was acknowledged.</summary>
public static class WriteBehindWork
{
    /// <summary>A key and an operation, as the source's file has them.</summary>
    public const int RecordLength = 12;

    public static async Task<int> RunAsync(string directory, int seed, Progress progress)
    {
        await using var source = Source(directory);
        await using var cache = await OpenAsync(directory, source);
        await cache.StartAsync();
        progress.IsWorking = true;
        await Task.WhenAny(Enumerable.Range(0, Work.Writers).Select(writer => Task.Run(async () =>
        {
            // From the first that was not acknowledged: what was only begun, and lost, does not count as acknowledged with those behind it.
            var work = new Work(seed, writer);
            for (long next = progress.Durable(writer); ; next++)
            {
                progress.SetBegun(writer, next + 1);
                int key = work.KeyOf(next) % 40;
                await cache.SetAsync((key * Work.Writers) + writer, next);
                progress.SetDurable(writer, next + 1);
            }
        })));
        return 1; // None of them ends by itself.
    }

    /// <summary>The source of truth: what is written to it outlives the process, be it killed the next instant.</summary>
    public static FileStream Source(string directory) => new($"{directory}.source", FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public static async Task<LoadingCache<int, long>> OpenAsync(string directory, FileStream source)
    {
        var journal = await DiskJournal.OpenAsync(new() { Directory = directory, FileSize = 64 << 10 });
        return new(new LoadingCacheOptions<int, long>
        {
            Name = "crash",
            Writing = new(Writer.ForMany<int, long>((writes, _) => Write(source, writes)))
            {
                Behind = new() { Interval = TimeSpan.FromMilliseconds(3), MaxBatch = 16, MaxParallel = 3, Journal = journal },
            },
        });
    }

    private static ValueTask Write(FileStream source, IReadOnlyList<Write<int, long>> writes)
    {
        byte[] records = new byte[writes.Count * RecordLength];
        for (int i = 0; i < writes.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(records.AsSpan(i * RecordLength), writes[i].Key);
            BinaryPrimitives.WriteInt64LittleEndian(records.AsSpan((i * RecordLength) + 4), writes[i].Value);
        }

        lock (source) source.Write(records);
        return default;
    }
}
