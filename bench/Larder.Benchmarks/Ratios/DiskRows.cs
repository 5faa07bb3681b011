using System.Diagnostics;
using System.Globalization;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Larder.Tiers;

namespace Larder.Benchmarks.Ratios;

/// <summary>What do reads and writes of the disk tier cost, beside FASTER's own?</summary>
internal static class DiskRows
{
    private const int Resident = 10_000, OnDevice = 120_000, Batch = 100;
    private const double ReadRatio = 1.5, ReadNanoseconds = 3000;
    private static readonly TimeSpan _journaling = TimeSpan.FromSeconds(2);

    internal static IEnumerable<Question> Questions =>
    [
        new("disk-read/resident disk-read/resident-speed disk-write", InMemory),
        new("disk-read/device disk-read/device-batch", FromDevice),
        new("journal-acknowledgements", Journal),
    ];

    private static List<Row> InMemory()
    {
        using var stores = new DiskStores(Resident, memory: 64 << 20);
        stores.Fill();
        var (ours, theirs) = Reads(stores);
        Duel.Fight(ours, theirs);
        List<Row> rows =
        [
            Row.Of("disk-read/resident", ours, theirs, Goal.RatioAtMost(ReadRatio), PerSecond(ours)),
            Row.Of("disk-read/resident-speed", ours, theirs, Goal.OursAtMost(ReadNanoseconds)),
        ];

        var walk = KeySet.Walk(stores.Keys, Worker.PassLength);
        var ourWrites = new Side("larder", new Worker<DiskTierWrite>(new(stores.Tier, [.. walk.Select(key => new[] { new TierEntry(key, stores.Envelope, DateTimeOffset.MaxValue) })])));
        var theirWrites = new Side("faster", new Worker<RawFasterWrite>(new(stores.Session, [.. walk.Select(static key => key.Bytes.ToArray())], stores.Envelope)));
        Duel.Fight(ourWrites, theirWrites);
        rows.Add(Row.Of("disk-write", ourWrites, theirWrites, note: PerSecond(ourWrites) + "; FASTER writes in place"));
        return rows;
    }

    private static Row[] FromDevice()
    {
        using var stores = new DiskStores(OnDevice, memory: 2 << 20);
        stores.Fill();
        var (ours, theirs) = Reads(stores);
        ours.WarmUp(TimeSpan.FromMilliseconds(1));
        theirs.WarmUp(TimeSpan.FromMilliseconds(1));
        ours.Round(TimeSpan.FromMilliseconds(1)); // A pass each, of 10,000 reads.
        theirs.Round(TimeSpan.FromMilliseconds(1));
        var batches = stores.Keys[..Worker.PassLength].Chunk(Batch).ToArray();
        var (ourBatches, theirBatches) = Batches(stores, batches);
        return
        [
            Row.Of("disk-read/device", ours, theirs, note: PerSecond(ours) + ", one at a time, from the system's page cache"),
            new("disk-read/device-batch", ourBatches, theirBatches, 0, Note: string.Create(CultureInfo.InvariantCulture, $"per key, {Batch} at once; {1e9 / ourBatches:N0}/s")),
        ];
    }

    // The median of some passes over all batches, each side in turn.
    private static (double Ours, double Theirs) Batches(DiskStores stores, TierKey[][] batches)
    {
        const int passes = 7;
        var raw = new RawFasterBatch(stores.Session, batches);
        using var found = new TierPayloads(Batch);
        double[] ours = new double[passes], theirs = new double[passes];
        for (int i = 0; i < passes; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Task.Run(async () =>
            {
                foreach (var keys in batches)
                {
                    found.Reset(Batch);
                    await stores.Tier.GetAsync(keys, found);
                    for (int k = 0; k < Batch; k++)
                        if (!found.TryGet(k, out var envelope) || Envelope.Read(envelope.Span, out _) is not EnvelopeFault.None) throw new InvalidOperationException("A key is not there.");
                }
            }).GetAwaiter().GetResult();
            ours[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Worker.PassLength;
            start = Stopwatch.GetTimestamp();
            raw.ReadAll();
            theirs[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Worker.PassLength;
        }

        return (ours.Order().ElementAt(passes / 2), theirs.Order().ElementAt(passes / 2));
    }

    // Thousands a second, each acknowledged when it and whatever came with it has been flushed to the device; theirs is the goal.
    private static Row[] Journal()
    {
        const int appenders = 1024;
        const double goal = 100;
        var folder = Directory.CreateTempSubdirectory("larder-bench-");
        long acknowledged = 0;
        var start = Stopwatch.StartNew();
        Task.Run(async () =>
        {
            await using var journal = await DiskJournal.OpenAsync(new() { Directory = folder.FullName });
            byte[] record = new byte[DiskStores.ValueLength];
            await Task.WhenAll(Enumerable.Range(0, appenders).Select(async _ =>
            {
                while (start.Elapsed < _journaling)
                {
                    await journal.AppendAsync(record);
                    Interlocked.Increment(ref acknowledged);
                }
            }));
        }).GetAwaiter().GetResult();
        double rate = acknowledged / start.Elapsed.TotalMilliseconds;
        folder.Delete(recursive: true);
        return [new("journal-acknowledgements", rate, goal, 0, Goal.RatioAtLeast(1), $"thousand/s of {DiskStores.ValueLength} bytes, {appenders} at once, flushed to the device")];
    }

    private static (Side Ours, Side Theirs) Reads(DiskStores stores)
    {
        var walk = KeySet.Walk(stores.Keys, Worker.PassLength);
        return (new("larder", new Worker<DiskTierRead>(new(stores.Tier, walk, new TierPayloads(1)))),
            new("faster", new Worker<RawFasterRead>(new(stores.Session, [.. walk.Select(static key => key.Bytes.ToArray())]))));
    }

    private static string PerSecond(Side side) => string.Create(CultureInfo.InvariantCulture, $"{1e9 / side.Nanoseconds:N0}/s");
}
