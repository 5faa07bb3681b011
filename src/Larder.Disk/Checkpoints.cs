using System.Diagnostics.CodeAnalysis;

namespace Larder.Disk;

/// <summary>Makes what was written last: by time, by bytes, when asked. One at a time; whoever asks while one runs gets the next.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "CloseAsync ends the timer; the semaphore holds nothing, and latecomers still ask it.")]
internal sealed class Checkpoints
{
    private readonly string _directory;
    private readonly DiskTierOptions _options;
    private readonly DiskLog _log;
    private readonly SegmentDevice _device;
    private readonly DiskSizes _sizes;
    private readonly DiskCounters _counters;
    private readonly ChangedKeys _changed;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ITimer _timer;
    private long _begin = -1, _end = -1; // Written by who has the turn: what the last checkpoint holds.
    private volatile bool _isClosed; // Written by who has the turn.
    private int _asked; // 1 while one asked for in passing has not begun.

    internal Checkpoints(string directory, DiskTierOptions options, Opened opened, ChangedKeys changed, DiskCounters counters)
    {
        (_directory, _options, _log, _device, _changed, _counters) = (directory, options, opened.Log, opened.Device, changed, counters);
        _sizes = opened.Log.Sizes;
        if (opened.From is { } checkpoint) (_begin, _end) = (checkpoint.Begin, checkpoint.End);
        _timer = options.TimeProvider.CreateTimer(static state => ((Checkpoints)state!).Ask(), this, options.CheckpointInterval, options.CheckpointInterval);
    }

    /// <summary>What the files take, with what is yet to be removed.</summary>
    internal long BytesOnDisk => _log.End - Math.Max(0, Volatile.Read(ref _begin) & -_sizes.Segment);

    internal bool MustWait => BytesOnDisk > _sizes.WaitAbove;

    /// <summary>To be called after writes: asks for a checkpoint when enough has been written, or when the disk is full.</summary>
    internal void AfterWrite()
    {
        if (Math.Max(_log.End - Volatile.Read(ref _end), _changed.Length) > _options.CheckpointBytes || _log.Length > _sizes.TrimAbove) Ask();
    }

    /// <summary>Makes everything written so far last.</summary>
    internal Task RunAsync(CancellationToken cancellationToken = default) => RunAsync(onlyForRoom: false, cancellationToken);

    /// <summary>Drops the oldest part, unless another who waited has done it meanwhile.</summary>
    internal Task MakeRoomAsync(CancellationToken cancellationToken) => RunAsync(onlyForRoom: true, cancellationToken);

    private async Task RunAsync(bool onlyForRoom, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Volatile.Write(ref _asked, 0);
            if (!_isClosed && (!onlyForRoom || MustWait)) await WriteAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Writes the last one, unless the device takes no writes; from then on there are none.</summary>
    internal async Task CloseAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _isClosed = true;
            if (_device.Fault is null && !_device.HasLost) await WriteAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Ask()
    {
        if (Interlocked.Exchange(ref _asked, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(static checkpoints => _ = checkpoints.TryRunAsync(), this, preferLocal: false);
    }

    private async Task TryRunAsync()
    {
        try
        {
            await RunAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Log.CheckpointFailed(_options.Logger, _directory, error);
        }
    }

    private async Task WriteAsync()
    {
        long start = _options.TimeProvider.GetTimestamp();
        try
        {
            long changes = _changed.Next();
            if (_log.End == _end && _log.Begin == _begin)
            {
                _changed.RemoveBefore(changes); // Of keys that were not there.
                return;
            }

            _log.Trim();
            var checkpoint = await _log.CheckpointAsync().ConfigureAwait(false);
            checkpoint.Write(_directory);
            _changed.RemoveBefore(changes);
            _device.RemoveSegmentsBefore((int)(checkpoint.Begin >> checkpoint.SegmentBits));
            Volatile.Write(ref _begin, checkpoint.Begin);
            Volatile.Write(ref _end, checkpoint.End);
            _counters.AddCheckpoint();
            Log.Checkpointed(_options.Logger, _directory, checkpoint.End - checkpoint.Begin, _options.TimeProvider.GetElapsedTime(start).TotalMilliseconds);
        }
        catch
        {
            _counters.AddFailedCheckpoint();
            throw;
        }
    }
}
