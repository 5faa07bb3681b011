using System.Collections.Concurrent;
using Larder.Tiers;

namespace Larder.Disk;

/// <summary>The checksum of every sector that was written: 4 bytes for each 4,096.</summary>
/// <remarks>
/// FASTER believes its files: a flipped bit in a record's length would send it through memory that is not its own. So it only ever
/// sees sectors that are as they were written; all others it sees as zeros, which it skips.
/// </remarks>
internal sealed class SectorSums(int segmentBits)
{
    // 0: never written. A sum that is 0 by chance is kept as 1.
    private readonly ConcurrentDictionary<int, uint[]> _segments = new();
    private readonly int _bits = segmentBits - 12;

    internal static uint Of(ReadOnlySpan<byte> sector) => Math.Max(1, Crc32C.Of(sector));

    internal uint this[long sector]
    {
        get => _segments.TryGetValue((int)(sector >> _bits), out uint[]? sums) ? Volatile.Read(ref sums[Within(sector)]) : 0;
        set => Volatile.Write(ref _segments.GetOrAdd((int)(sector >> _bits), static (_, count) => new uint[count], 1 << _bits)[Within(sector)], value);
    }

    internal void ForgetSegmentsBefore(int segment)
    {
        foreach (int known in _segments.Keys)
            if (known < segment) _segments.TryRemove(known, out _);
    }

    private long Within(long sector) => sector & ((1L << _bits) - 1);
}
