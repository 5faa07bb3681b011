using Larder.Disk;

namespace Larder;

/// <summary>
/// A tier in files: larger than memory, bounded, there again after a restart, and after a crash with what its last checkpoint had.
/// </summary>
/// <remarks>
/// <para>The newest entries are read from memory, the others from the device, without blocking the pool's threads. When the files
/// have reached their bound, what was written longest ago is dropped. What was removed or written over does not come back, however the
/// process ends: after a crash, the keys changed since the last checkpoint are gone.</para>
/// <para>While the device takes no writes (it is full, say) <see cref="SetAsync"/> throws an <see cref="IOException"/>; reads go on, and so does
/// everything else within a second of the device's taking writes again. A removal is done, and throws only if it cannot be noted for after a crash.</para>
/// </remarks>
/// <example><code>
/// await using var tier = await DiskTier.OpenAsync(new() { Directory = "cache/users" });
/// </code></example>
public sealed class DiskTier : IPrefixTier
{
    private readonly string _directory;
    private readonly DiskTierOptions _options;
    private readonly DirectoryLock _lock;
    private readonly DiskLog _log;
    private readonly SegmentDevice _device;
    private readonly DiskCounters _counters;
    private readonly SessionPool _sessions;
    private readonly Checkpoints _checkpoints;
    private readonly ChangedKeys _changed;
    private readonly WallClock _clock;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClosing;

    private DiskTier(string directory, DiskTierOptions options, DirectoryLock taken, Opened opened, DiskCounters counters)
    {
        (_directory, _options, _lock, _log, _device, _counters) = (directory, options, taken, opened.Log, opened.Device, counters);
        _clock = new(options.TimeProvider);
        _sessions = new(_log.NewSession, $"{nameof(DiskTier)} '{options.Name}'");
        _changed = new(directory, options.FlushToDevice);
        _checkpoints = new(directory, options, opened, _changed, counters);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <summary>What it has done and what it holds.</summary>
    public DiskTierStatistics Statistics
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isClosing != 0, this);
            return new()
            {
                Entries = _log.Entries,
                BytesOnDisk = _checkpoints.BytesOnDisk,
                Checkpoints = _counters.Checkpoints,
                FailedCheckpoints = _counters.FailedCheckpoints,
                FailedWrites = _device.FailedWrites,
                Refused = _counters.Refused,
                Unreadable = _device.Unreadable + _counters.Corrupt,
            };
        }
    }

    /// <summary>Opens a tier with what its folder holds. What cannot be used is moved aside, said in the log, and the tier begins empty.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    /// <exception cref="IOException">The folder is in use by another tier, or cannot be written.</exception>
    public static async ValueTask<DiskTier> OpenAsync(DiskTierOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        cancellationToken.ThrowIfCancellationRequested();
        string directory = Path.GetFullPath(options.Directory);
        Directory.CreateDirectory(directory);
        var taken = DirectoryLock.Take(directory);
        DiskTier? tier = null;
        try
        {
            var counters = new DiskCounters();
            var opened = await new Opening(directory, options, counters).OpenAsync().ConfigureAwait(false);
            tier = new(directory, options, taken, opened, counters);
            await tier._checkpoints.RunAsync(cancellationToken).ConfigureAwait(false);
            return tier;
        }
        catch
        {
            if (tier is not null) await tier.DisposeAsync().ConfigureAwait(false);
            else taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(receiver);
        cancellationToken.ThrowIfCancellationRequested();
        return _sessions.TryRent() is { } session ? Read(session, keys, receiver) : WaitAndReadAsync(keys, receiver);
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The device takes no writes.</exception>
    public async ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        cancellationToken.ThrowIfCancellationRequested();
        var session = _sessions.TryRent() ?? await _sessions.RentAsync().ConfigureAwait(false);
        try
        {
            long now = _clock.Now;
            for (int i = 0; i < entries.Count; i++)
            {
                ThrowIfDeviceFails();
                if (_checkpoints.MustWait) await _checkpoints.MakeRoomAsync(cancellationToken).ConfigureAwait(false);
                session.Set(entries[i], now);
            }
        }
        finally
        {
            EndChange(session);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The keys are removed, but after a crash they may be there again: the device takes no writes.</exception>
    public async ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        var session = _sessions.TryRent() ?? await _sessions.RentAsync().ConfigureAwait(false);
        try
        {
            for (int i = 0; i < keys.Count; i++) session.Remove(keys[i]);
        }
        finally
        {
            EndChange(session);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> RemovePrefixesAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isClosing != 0, this);
        return new PrefixSweep(this, _log, _sessions).RunAsync(prefixes, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The device takes no writes.</exception>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var session = _sessions.TryRent() ?? await _sessions.RentAsync().ConfigureAwait(false); // So that closing waits for it.
        try
        {
            ThrowIfDeviceFails();
            long end = _log.End;
            await _checkpoints.RunAsync(cancellationToken).ConfigureAwait(false); // What is unwritten would be waited for without letting go of the thread.
            _log.Clear(end);
            await _checkpoints.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sessions.Return(session);
        }
    }

    /// <summary>Makes everything that was written so far last, whatever happens then.</summary>
    /// <exception cref="IOException">The device takes no writes.</exception>
    public async ValueTask CheckpointAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isClosing != 0, this);
        ThrowIfDeviceFails();
        await _checkpoints.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for what runs, writes a checkpoint and closes; all within the options' <see cref="DiskTierOptions.CloseTimeout"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            await CloseAsync().ConfigureAwait(false);
            _closed.SetResult();
        }

        await _closed.Task.ConfigureAwait(false);
    }

    private ValueTask Read(DiskSession session, IReadOnlyList<TierKey> keys, ITierReceiver receiver)
    {
        bool isPending = false;
        try
        {
            isPending = session.Read(keys, receiver, _clock.Now);
        }
        finally
        {
            if (!isPending) _sessions.Return(session);
        }

        return isPending ? CompleteAsync(session) : default;
    }

    private async ValueTask CompleteAsync(DiskSession session)
    {
        try
        {
            await session.CompleteAsync().ConfigureAwait(false);
        }
        finally
        {
            _sessions.Return(session);
        }
    }

    private async ValueTask WaitAndReadAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver) =>
        await Read(await _sessions.RentAsync().ConfigureAwait(false), keys, receiver).ConfigureAwait(false);

    // Also for a call that fails in between: what it has changed is changed.
    private void EndChange(DiskSession session)
    {
        try
        {
            _changed.Write(session.Notes);
        }
        finally
        {
            session.ForgetNotes();
            _sessions.Return(session);
        }

        _checkpoints.AfterWrite();
    }

    private void ThrowIfDeviceFails()
    {
        if (_device.Fault is { } fault) throw new IOException($"The disk tier '{Name}' in '{_directory}' cannot write: {fault.Message}", fault);
    }

    private async Task CloseAsync()
    {
        if (_device.Fault is not null) _device.GiveUp(); // Or calls that wait for room would wait on.
        bool isQuiet = await EndsInTimeAsync(_sessions.CloseAsync()).ConfigureAwait(false) && await EndsInTimeAsync(_checkpoints.CloseAsync()).ConfigureAwait(false);
        _device.GiveUp();

        // What still runs still uses the store's memory and the folder: better to leave them to it than to take them away.
        if (!isQuiet) return;
        _clock.Dispose();
        _device.Dispose(); // Before the memory that it may still write from.
        _log.Dispose();
        _changed.Dispose();
        _lock.Dispose();
    }

    private async Task<bool> EndsInTimeAsync(Task task)
    {
        try
        {
            await task.WaitAsync(_options.CloseTimeout, _options.TimeProvider).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            Log.ClosedEarly(_options.Logger, _directory, _options.CloseTimeout);
            return false;
        }
        catch (Exception error)
        {
            Log.CheckpointFailed(_options.Logger, _directory, error);
            return true;
        }
    }
}
