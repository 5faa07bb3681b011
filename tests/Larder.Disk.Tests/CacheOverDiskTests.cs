using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Disk.Tests;

/// <summary>A cache whose values are on disk.</summary>
[Collection(nameof(Alone))]
public sealed class CacheOverDiskTests : IDisposable
{
    private const int Length = 100_000;

    private readonly TestFolder _folder = new();
    private int _loads;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_reads_after_a_restart_are_hits_on_disk_and_no_loads()
    {
        int[] keys = [.. Enumerable.Range(0, 2000)];
        await using (var first = await Open()) await first.ReadManyAsync(keys);
        Assert.Equal(2000, _loads);
        await using var again = await Open();
        var one = await again.ReadAsync(7);
        Assert.Equal(("disk", ReadStatus.Hit, "value 7"), (one.Tier, one.Status, one.Value));
        Assert.All((await again.ReadManyAsync(keys.Where(static key => key != 7))).Values, static read => Assert.Equal("disk", read.Tier));
        Assert.Equal(2000, _loads);
    }

    [Fact]
    public async Task Reading_and_writing_make_no_arrays_of_a_payloads_size()
    {
        await using var tier = await DiskTier.OpenAsync(_folder.Options with { MemorySize = 8 << 20, DiskSize = 64 << 20 });
        await using var cache = new LoadingCache<int, object>(new LoadingCacheOptions<int, object>
        {
            Memory = new() { TimeProvider = _folder.Clock },
            Tiers = [new(tier) { IsOwned = false }],
            Payloads = new() { Serializer = new Thrifty() },
        });
        await Round();
        await Round(); // The pools have what they need.
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await Round();
        long perKey = (GC.GetTotalAllocatedBytes(precise: true) - before) / 100;
        Assert.InRange(perKey, 0, Length / 4);

        // Half of them are read from the device by now.
        async Task Round()
        {
            for (int key = 0; key < 100; key++) await cache.SetAsync(key, Thrifty.Value);
            for (int key = 0; key < 100; key++) Assert.Equal("disk", (await cache.ReadAsync(key, Skip.Memory)).Tier);
        }
    }

    private async Task<LoadingCache<int, string>> Open() => new((key, _) =>
    {
        Interlocked.Increment(ref _loads);
        return new($"value {key}");
    }, new() { Memory = new() { TimeProvider = _folder.Clock }, Tiers = [new(await _folder.OpenAsync())] });

    // Allocates nothing itself.
    private sealed class Thrifty : IHybridCacheSerializer<object>
    {
        internal static readonly object Value = new();
        private static readonly byte[] _bytes = new byte[Length];

        public void Serialize(object value, IBufferWriter<byte> target) => target.Write(_bytes);

        public object Deserialize(ReadOnlySequence<byte> source) => source.Length == Length ? Value : throw new InvalidDataException();
    }
}

/// <summary>Tests that measure the whole process, with no other beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
