using System.Numerics;

namespace Larder.Disk;

/// <summary>The powers of two that follow from the options.</summary>
internal sealed class DiskSizes
{
    /// <summary>What is read, written and checked at once.</summary>
    internal const int Sector = 4096;

    private const int PagesInMemory = 16, BytesPerBucket = 64;

    // What FASTER puts before key and value, and the first page's reserved front, rounded up.
    private const int RecordOverhead = 128;

    /// <param name="options">What the user asked for.</param>
    /// <param name="written">What the files were written with, which stays as it is.</param>
    internal DiskSizes(DiskTierOptions options, CheckpointFile? written = null)
    {
        MemoryBits = BitOperations.Log2((ulong)(options.MemorySize - (options.MemorySize / 4)));
        PageBits = written?.PageBits ?? Math.Min(MemoryBits - BitOperations.Log2(PagesInMemory), 25);
        SegmentBits = written?.SegmentBits ?? Math.Max(PageBits, Math.Min(BitOperations.Log2((ulong)options.DiskSize / 16), 30));
        Buckets = (1L << MemoryBits) / 4 / BytesPerBucket;
        Disk = options.DiskSize;
    }

    /// <summary>Whether files of such pages and segments can be kept within the bounds of now.</summary>
    internal bool AreUsable => PageBits >= 12 && PageBits <= MemoryBits - 2 && SegmentBits >= PageBits && 8 * Segment <= Disk;

    internal int MemoryBits { get; }

    internal int PageBits { get; }

    internal int SegmentBits { get; }

    internal long Buckets { get; }

    internal long Segment => 1L << SegmentBits;

    /// <summary>What the files may hold together.</summary>
    internal long Disk { get; }

    /// <summary>Above this the oldest part is dropped.</summary>
    internal long TrimAbove => Disk - (4 * Segment);

    /// <summary>Above this writers wait until it is dropped.</summary>
    internal long WaitAbove => Disk - (2 * Segment);

    internal long LargestRecord => (1L << PageBits) - RecordOverhead;
}
