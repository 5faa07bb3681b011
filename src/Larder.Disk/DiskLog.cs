using FASTER.core;

namespace Larder.Disk;

/// <summary>FASTER's store over the segments: its addresses, and what is done with the log as a whole.</summary>
internal sealed class DiskLog : IDisposable
{
    private readonly FasterKV<SpanByte, SpanByte> _store;
    private readonly SegmentDevice _device;
    private readonly CheckpointStore _checkpoints;
    private readonly DiskSizes _sizes;
    private readonly DiskCounters _counters;
    private Task<(bool, Guid)>? _underWay; // Used by one at a time. A checkpoint that waits for a device that takes no writes.

    internal DiskLog(SegmentDevice device, CheckpointStore checkpoints, DiskSizes sizes, DiskCounters counters)
    {
        (_device, _checkpoints, _sizes, _counters) = (device, checkpoints, sizes, counters);
        _store = new(
            sizes.Buckets,
            new LogSettings
            {
                LogDevice = device,
                PageSizeBits = sizes.PageBits,
                SegmentSizeBits = sizes.SegmentBits,
                MemorySizeBits = sizes.MemoryBits,
                MutableFraction = 0.5, // Nothing is changed in place; what is written early need not be waited for later.
            },
            new CheckpointSettings { CheckpointManager = checkpoints },
            concurrencyControlMode: ConcurrencyControlMode.None);
    }

    internal long Begin => _store.Log.BeginAddress;

    internal long End => _store.Log.TailAddress;

    internal long Length => End - Begin;

    internal long Entries => _store.EntryCount;

    internal DiskSession NewSession() => new(_store, _counters, _sizes.LargestRecord);

    internal DiskSizes Sizes => _sizes;

    /// <summary>Brings back what a checkpoint had. The index is made from the log.</summary>
    internal ValueTask<long> RecoverAsync(Guid token) =>
        _store.RecoverAsync(Guid.Empty, token, numPagesToPreload: -1, undoNextVersion: false);

    /// <summary>Writes everything up to now to the segments, and says what a later start needs.</summary>
    /// <exception cref="IOException">The device takes no writes, or has lost some.</exception>
    internal async ValueTask<CheckpointFile> CheckpointAsync()
    {
        if (Length == 0) return new(_sizes.PageBits, _sizes.SegmentBits, Begin, Begin, default, [], [], []);
        if (_underWay is not null) await EndedAsync().ConfigureAwait(false); // It does not have what was written while it waited.
        _underWay = _store.TakeHybridLogCheckpointAsync(CheckpointType.FoldOver).AsTask();
        var (isTaken, token) = await EndedAsync().ConfigureAwait(false);
        if (!isTaken || _device.HasLost) throw new IOException("What was to be written is not.");
        var (begin, end) = _checkpoints.Extent(token);
        long first = begin / DiskSizes.Sector, last = end / DiskSizes.Sector;
        uint[] sums = new uint[last - first + (end % DiskSizes.Sector == 0 ? 0 : 1)];
        for (int i = 0; i < sums.Length; i++) sums[i] = _device.Sums[first + i];
        byte[] tail = [];
        if (end % DiskSizes.Sector != 0)
        {
            tail = [.. _device.Tail(last) ?? throw new IOException("The log's last sector is not at hand any more; the next checkpoint will have it.")];
            tail.AsSpan((int)(end % DiskSizes.Sector)).Clear(); // A record that is only begun there would be taken for a whole one.
            sums[^1] = SectorSums.Of(tail);
        }

        _device.Flush((int)(begin >> _sizes.SegmentBits), (int)(end >> _sizes.SegmentBits));
        return new(_sizes.PageBits, _sizes.SegmentBits, begin, end, token, _checkpoints.Metadata!, sums, tail);
    }

    private async ValueTask<(bool IsTaken, Guid Token)> EndedAsync()
    {
        var taking = _underWay!;
        await Task.WhenAny(taking, _device.WhenFaulty).ConfigureAwait(false);
        if (!taking.IsCompleted) throw new IOException($"The device takes no writes: {_device.Fault?.Message}", _device.Fault);
        _underWay = null;
        return await taking.ConfigureAwait(false);
    }

    /// <summary>The keys between two addresses that begin with one of the prefixes, be they still there or not. Waits for the device: for a thread of one's own.</summary>
    /// <param name="from">The log's begin, or a page's.</param>
    /// <param name="to">The same, or the log's end.</param>
    /// <param name="prefixes">The prefixes.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    internal HashSet<TierKey> Scan(long from, long to, IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken)
    {
        HashSet<TierKey> found = [];
        using var records = _store.Log.Scan(from, to);
        while (records.GetNext(out var record) && !cancellationToken.IsCancellationRequested)
        {
            var key = records.GetKey().AsReadOnlySpan();
            if (record.Tombstone) continue;
            foreach (var prefix in prefixes)
            {
                if (!key.StartsWith(prefix.Bytes.Span)) continue;
                found.Add(new(key.ToArray()));
                break;
            }
        }

        return found;
    }

    /// <summary>Drops the oldest segments until the log is short enough. The files go with the next checkpoint.</summary>
    internal bool Trim()
    {
        long begin = (End - _sizes.TrimAbove + _sizes.Segment) & -_sizes.Segment;
        if (Length <= _sizes.TrimAbove || begin <= Begin) return false;
        _store.Log.ShiftBeginAddress(begin, snapToPageStart: false, truncateLog: false);
        return true;
    }

    /// <summary>Drops everything before that address, which was the log's end.</summary>
    internal void Clear(long end) => _store.Log.ShiftBeginAddress(end, snapToPageStart: false, truncateLog: false);

    public void Dispose() => _store.Dispose();
}
