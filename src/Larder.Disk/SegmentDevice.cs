using System.Buffers;
using System.Collections.Concurrent;
using FASTER.core;
using Larder.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Larder.Disk;

/// <summary>The log's files, a segment each.</summary>
/// <remarks>
/// Towards FASTER no operation ever fails. A read that does fail, or that finds other bytes than were written, yields zeros: a miss. A
/// write that fails is kept and tried again until it succeeds or the tier closes; until then <see cref="Fault"/> says why, and the tier
/// takes no more entries, so that nobody waits for room that does not come.
/// </remarks>
internal sealed class SegmentDevice : StorageDeviceBase
{
    internal const string Prefix = "log.";
    private const int Chunk = 256 << 10, Readers = 4, TailsKept = 64;
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);

    private readonly string _directory;
    private readonly int _segmentBits;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LogLimit _failures;
    private readonly ConcurrentDictionary<int, SafeFileHandle> _files = new();
    private readonly Dictionary<long, byte[]> _tails = []; // Guarded by itself. The sectors that writes ended in; at most TailsKept.
    private readonly Queue<long> _tailOrder = []; // Guarded by _tails.
    private readonly AutoResetEvent _again = new(false);
    private readonly IoQueue _reads, _writes;
    private volatile Exception? _fault;
    private volatile TaskCompletionSource _whenFaulty = NewSignal();
    private volatile bool _isGivingUp;
    private long _unreadable, _failedWrites;

    internal SegmentDevice(string directory, int segmentBits, TimeProvider clock, ILogger logger) : base(Path.Combine(directory, "log"), DiskSizes.Sector, -1)
    {
        (_directory, _segmentBits, _clock, _logger, _failures) = (directory, segmentBits, clock, logger, new(clock));
        Sums = new(segmentBits);
        _reads = new("larder disk reads", Readers, Read);
        _writes = new("larder disk writes", 1, Write);
    }

    internal SectorSums Sums { get; }

    /// <summary>Why the last write failed, until one succeeds.</summary>
    internal Exception? Fault => _fault;

    /// <summary>Ends when a write fails; another task once writes succeed again.</summary>
    internal Task WhenFaulty => _whenFaulty.Task;

    /// <summary>Where the log begins and how long a page is, while FASTER reads it page by page at the start; null afterwards.</summary>
    /// <remarks>
    /// FASTER walks each page from its front, and believes the lengths it meets. So a sector that is not as it was written takes its
    /// whole page with it; what lies before the log's begin, of which half a record may have been written, is zeros; and the last
    /// page, of which only a part is read, does not end in what its frame held before.
    /// </remarks>
    internal (long Begin, int Page)? Recovering { get; set; }

    /// <summary>Whether something was given up that had not been written.</summary>
    internal bool HasLost { get; private set; }

    /// <summary>Sectors that were not read as they had been written.</summary>
    internal long Unreadable => Interlocked.Read(ref _unreadable);

    internal long FailedWrites => Interlocked.Read(ref _failedWrites);

    public override void ReadAsync(int segmentId, ulong sourceAddress, nint destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context) =>
        Add(_reads, new(segmentId, (long)sourceAddress, destinationAddress, (int)readLength, callback, context));

    public override void WriteAsync(nint sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context) =>
        Add(_writes, new(segmentId, (long)destinationAddress, sourceAddress, (int)numBytesToWrite, callback, context));

    // The last checkpoint may still need the file: it goes in RemoveSegmentsBefore.
    public override void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result) => callback(result);

    public override long GetFileSize(int segment) => 1L << _segmentBits;

    /// <summary>What is being retried is given up, so that whoever waits for it goes on.</summary>
    internal void GiveUp()
    {
        _isGivingUp = true;
        _again.Set();
    }

    /// <summary>The sector as it was last written, if a write ended in it of late.</summary>
    internal byte[]? Tail(long sector)
    {
        lock (_tails) return _tails.GetValueOrDefault(sector);
    }

    /// <summary>Writes a sector now, at the start.</summary>
    internal void Restore(long sector, byte[] bytes)
    {
        long address = sector * DiskSizes.Sector;
        RandomAccess.Write(File((int)(address >> _segmentBits), FileMode.OpenOrCreate), bytes, address & ((1L << _segmentBits) - 1));
        Sums[sector] = SectorSums.Of(bytes);
        lock (_tails)
        {
            _tails[sector] = [.. bytes];
            _tailOrder.Enqueue(sector);
        }
    }

    /// <summary>Makes what was written to the segments last, whatever happens to the machine.</summary>
    internal void Flush(int first, int last)
    {
        for (int segment = first; segment <= last; segment++)
            if (_files.TryGetValue(segment, out var file)) RandomAccess.FlushToDisk(file);
    }

    internal void RemoveSegmentsBefore(int segment)
    {
        foreach (string path in Directory.EnumerateFiles(_directory, Prefix + "*"))
        {
            if (SegmentOf(path) is not { } found || found >= segment) continue;
            if (_files.TryRemove(found, out var file)) file.Dispose();
            System.IO.File.Delete(path);
        }

        Sums.ForgetSegmentsBefore(segment);
    }

    /// <summary>The segment that a file holds; null for a file of another kind.</summary>
    internal static int? SegmentOf(string path) =>
        Path.GetFileName(path) is var name && name.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(Prefix.Length), out int segment) ? segment : null;

    public override void Dispose()
    {
        GiveUp();
        _writes.Dispose();
        _reads.Dispose();
        foreach (var file in _files.Values) file.Dispose();
        _again.Dispose();
    }

    // What comes when the device has closed is of a start that failed: it reads zeros, and writes nothing.
    private void Add(IoQueue queue, in IoRequest request)
    {
        if (queue.TryAdd(request)) return;
        if (queue == _reads) request.Span.Clear();
        else HasLost = true;
        request.Complete();
    }

    private void Read(IoRequest request)
    {
        var room = request.Span;
        int length = 0;
        try
        {
            var file = File(request.Segment, FileMode.Open);
            while (length < room.Length && RandomAccess.Read(file, room[length..], request.Offset + length) is > 0 and int count) length += count;
        }
        catch (FileNotFoundException)
        {
            // The segment was dropped since; if it should be there, the sums will tell.
        }
        catch (Exception error)
        {
            // Whatever it is: on this thread it would end the process.
            if (_failures.MaySay()) Log.ReadFailed(_logger, Prefix, request.Segment, error);
            length = 0;
        }

        room[length..].Clear();
        Check(request, room);
        if (Recovering is var (begin, page))
        {
            room[..(int)Math.Clamp(begin - Address(request), 0, room.Length)].Clear();
            if (request.Length < page) (request with { Length = page }).Span[request.Length..].Clear();
        }

        request.Complete();
    }

    // What was never written is zeros, and no fault: FASTER reads somewhat more than a record.
    private void Check(in IoRequest request, Span<byte> room)
    {
        long first = Address(request) / DiskSizes.Sector;
        for (int at = 0; at < room.Length; at += DiskSizes.Sector)
        {
            var sector = room.Slice(at, DiskSizes.Sector);
            uint sum = Sums[first + (at / DiskSizes.Sector)];
            if (sum != 0 && sum == SectorSums.Of(sector)) continue;
            sector.Clear();
            if (sum == 0) continue;
            if (Recovering is not null) room.Clear();
            if (Interlocked.Increment(ref _unreadable) == 1) Log.SectorUnreadable(_logger, Prefix, request.Segment, request.Offset + at);
        }
    }

    private void Write(IoRequest request)
    {
        while (!TryWrite(request))
        {
            Interlocked.Increment(ref _failedWrites);
            if (_isGivingUp)
            {
                HasLost = true;
                break;
            }

            using var timer = _clock.CreateTimer(static again => ((AutoResetEvent)again!).Set(), _again, _retryAfter, Timeout.InfiniteTimeSpan);
            _again.WaitOne();
        }

        request.Complete();
    }

    private bool TryWrite(in IoRequest request)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(Math.Min(Chunk, request.Length));
        try
        {
            var file = File(request.Segment, FileMode.OpenOrCreate);
            for (int at = 0; at < request.Length; at += Chunk) WriteChunk(request, file, at, copy.AsSpan(0, Math.Min(Chunk, request.Length - at)));
            if (_fault is null) return true;
            _whenFaulty = NewSignal();
            _fault = null;
            Log.WritesGoOn(_logger, _directory);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            if (_fault is null) Log.WriteFailed(_logger, _directory, error);
            _fault = error;
            _whenFaulty.TrySetResult();
            if (_files.TryRemove(request.Segment, out var file)) file.Dispose(); // Opened anew, it may be writable again.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    // The memory is copied first: marks in its records, and what lies behind the last of them, change while it is written, and the
    // checksum must be that of what is in the file.
    private void WriteChunk(in IoRequest request, SafeFileHandle file, int at, Span<byte> copy)
    {
        request.Span.Slice(at, copy.Length).CopyTo(copy);
        long first = (Address(request) + at) / DiskSizes.Sector;
        RandomAccess.Write(file, copy, request.Offset + at);
        for (int i = 0; i < copy.Length; i += DiskSizes.Sector) Sums[first + (i / DiskSizes.Sector)] = SectorSums.Of(copy.Slice(i, DiskSizes.Sector));
        lock (_tails)
        {
            if (_tails.TryGetValue(first, out byte[]? begun)) copy[..DiskSizes.Sector].CopyTo(begun);
            if (at + copy.Length < request.Length) return;
            long last = first + (copy.Length / DiskSizes.Sector) - 1;
            if (!_tails.ContainsKey(last)) _tailOrder.Enqueue(last);
            _tails[last] = copy[^DiskSizes.Sector..].ToArray();
            if (_tailOrder.Count > TailsKept) _tails.Remove(_tailOrder.Dequeue());
        }
    }

    private long Address(in IoRequest request) => ((long)request.Segment << _segmentBits) + request.Offset;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SafeFileHandle File(int segment, FileMode mode) => _files.TryGetValue(segment, out var file) ? file : Open(segment, mode);

    private SafeFileHandle Open(int segment, FileMode mode)
    {
        var opened = System.IO.File.OpenHandle(Path.Combine(_directory, Prefix + segment), mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var kept = _files.GetOrAdd(segment, opened);
        if (kept != opened) opened.Dispose();
        return kept;
    }
}
