using System.Globalization;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;

namespace Larder.Benchmarks.Ratios;

/// <summary>What do reads and writes of the disk tier cost, beside FASTER's own?</summary>
internal static class DiskRows
{
    private const int Resident = 10_000, OnDevice = 120_000;
    private const double ReadRatio = 1.5, ReadNanoseconds = 3000;

    internal static IEnumerable<Question> Questions =>
    [
        new("disk-read/resident disk-read/resident-speed disk-write", InMemory),
        new("disk-read/device", FromDevice),
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
        return [Row.Of("disk-read/device", ours, theirs, note: PerSecond(ours) + ", one at a time, from the system's page cache")];
    }

    private static (Side Ours, Side Theirs) Reads(DiskStores stores)
    {
        var walk = KeySet.Walk(stores.Keys, Worker.PassLength);
        return (new("larder", new Worker<DiskTierRead>(new(stores.Tier, [.. walk.Select(static key => new[] { key })], new TierPayloads(1)))),
            new("faster", new Worker<RawFasterRead>(new(stores.Session, [.. walk.Select(static key => key.Bytes.ToArray())]))));
    }

    private static string PerSecond(Side side) => string.Create(CultureInfo.InvariantCulture, $"{1e9 / side.Nanoseconds:N0}/s");
}
