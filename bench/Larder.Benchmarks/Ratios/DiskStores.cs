using System.Buffers;
using FASTER.core;
using Larder.Tiers;

namespace Larder.Benchmarks.Ratios;

/// <summary>The disk tier and FASTER by itself, with the same entries, in a folder that goes with them.</summary>
internal sealed class DiskStores : IDisposable
{
    internal const int ValueLength = 200;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("larder-bench-");
    private readonly IDevice _device;
    private readonly FasterKV<SpanByte, SpanByte> _store;

    /// <param name="count">How many entries.</param>
    /// <param name="memory">How much memory each of the two may use: the tier for log and index, FASTER's log as much as the tier's.</param>
    internal DiskStores(int count, long memory)
    {
        Keys = [.. KeySet.Strings(count).Select(static text => new TierKey(text))];
        Envelope = Seal();
        Tier = DiskTier.OpenAsync(new() { Directory = Path.Combine(_folder.FullName, "tier"), MemorySize = memory, DiskSize = 1L << 30, CheckpointInterval = TimeSpan.FromHours(1), CheckpointBytes = 1L << 40 }).AsTask().GetAwaiter().GetResult();
        int memoryBits = (int)Math.Log2(memory * 3 / 4);
        _device = Devices.CreateLogDevice(Path.Combine(_folder.FullName, "raw.log"));
        _store = new(
            (1L << memoryBits) / 256,
            new LogSettings { LogDevice = _device, MemorySizeBits = memoryBits, PageSizeBits = memoryBits - 4, SegmentSizeBits = 26, MutableFraction = 0.5 },
            concurrencyControlMode: ConcurrencyControlMode.None);
        Session = _store.NewSession<SpanByte, SpanByteAndMemory, Empty>(new SpanByteFunctions<Empty>());
    }

    internal TierKey[] Keys { get; }

    internal byte[] Envelope { get; }

    internal DiskTier Tier { get; }

    internal ClientSession<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty, IFunctions<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty>> Session { get; }

    internal unsafe void Fill()
    {
        foreach (var key in Keys)
        {
            Tier.SetAsync([new(key, Envelope, DateTimeOffset.MaxValue)]).AsTask().GetAwaiter().GetResult();
            byte[] bytes = key.Bytes.ToArray();
            fixed (byte* pointer = bytes, valuePointer = Envelope)
            {
                var at = SpanByte.FromPointer(pointer, bytes.Length);
                var value = SpanByte.FromPointer(valuePointer, Envelope.Length);
                Session.Upsert(ref at, ref value);
            }
        }
    }

    public void Dispose()
    {
        Session.Dispose();
        _store.Dispose();
        _device.Dispose();
        Tier.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    // FASTER stores the same bytes: the envelope of a value of 200.
    private static byte[] Seal()
    {
        using var buffer = new EnvelopeBuffer();
        buffer.Write(new byte[ValueLength]);
        long now = DateTimeOffset.UtcNow.UtcTicks;
        return buffer.Seal(new(EnvelopeHeader.HashOf("bench"), 1, now, EnvelopeHeader.Never, EnvelopeHeader.Never, EnvelopeHeader.Never)).ToArray();
    }
}
