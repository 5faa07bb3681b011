using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Larder.Disk;
using Larder.Observability;
using Microsoft.Win32.SafeHandles;

namespace Larder;

/// <summary>A journal in files. Appends that come while the device is busy are written and flushed together, so many at once cost little more than one.</summary>
/// <example><code>
/// await using var journal = await DiskJournal.OpenAsync(new() { Directory = "journal/orders" });
/// </code></example>
public sealed class DiskJournal : IWriteJournal
{
    // Above this, appends wait for the batch before they join the next.
    private const int LongestBatch = 8 << 20;

    private readonly DiskJournalOptions _options;
    private readonly DirectoryLock _lock;
    private readonly JournalFiles _files;
    private readonly long _replayUntil;
    private readonly Lock _gate = new();
    private readonly Thread _writer;
    private readonly SemaphoreSlim _truncating = new(1, 1);
    private readonly AutoResetEvent _work = new(false);
    private JournalBatch _next = new(); // Guarded by _gate. What is being gathered.
    private long _position; // Guarded by _gate. That of the next record.
    private bool _isClosing; // Guarded by _gate.
    private long _done; // Guarded by _truncating.

    // The writer's own.
    private readonly LogLimit _failures = new(TimeProvider.System);
    private SafeFileHandle? _file;
    private long _length;

    private DiskJournal(string directory, DiskJournalOptions options, DirectoryLock taken)
    {
        (_options, _lock, _files) = (options, taken, new(directory, options.Logger));
        _done = _files.ReadMark();
        _position = Math.Max(_done, 1);
        foreach (long first in _files.Firsts()) _position = Math.Max(_position, first + 1); // Even of a file without a whole record, which is left as it is.
        if (_files.Firsts() is [.., var last])
            foreach (var record in _files.Read(last)) _position = record.Position + 1;
        _replayUntil = _position;
        _writer = new(Run) { IsBackground = true, Name = "larder journal" };
        _writer.Start();
    }

    /// <summary>Opens a journal with what its folder holds.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    /// <exception cref="IOException">The folder is in use by another journal, or cannot be written.</exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The journal has it.")]
    public static ValueTask<DiskJournal> OpenAsync(DiskJournalOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        cancellationToken.ThrowIfCancellationRequested();
        string directory = Path.GetFullPath(options.Directory);
        Directory.CreateDirectory(directory);
        var taken = DirectoryLock.Take(directory);
        try
        {
            return new(new DiskJournal(directory, options, taken));
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The device takes no writes. The record may be there nevertheless.</exception>
    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record, CancellationToken cancellationToken = default)
    {
        if (record.Length > _options.LargestRecord) throw new ArgumentException($"The record has {record.Length} bytes; {nameof(DiskJournalOptions.LargestRecord)} allows {_options.LargestRecord}.", nameof(record));
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            Task written;
            long position = -1;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isClosing, this);
                written = _next.Written;
                if (_next.Length < LongestBatch)
                {
                    position = _position++;
                    _next.Add(position, record.Span);
                    if (_next.First == position) _work.Set();
                }
            }

            await written.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (position >= 0) return position;
        }
    }

    /// <inheritdoc/>
    /// <remarks>What was appended since the journal was opened is not among them.</remarks>
    public async IAsyncEnumerable<JournalRecord> ReplayAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await _truncating.WaitAsync(cancellationToken).ConfigureAwait(false);
        var firsts = _files.Firsts();
        long done = _done;
        _truncating.Release();
        foreach (long first in firsts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (first >= _replayUntil || !File.Exists(_files.PathOf(first))) continue; // Truncated meanwhile, by whoever replays.
            foreach (var record in _files.Read(first))
                if (record.Position >= done && record.Position < _replayUntil) yield return record;
        }
    }

    /// <inheritdoc/>
    public async ValueTask TruncateAsync(long position, CancellationToken cancellationToken = default)
    {
        await _truncating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (position <= _done) return;
            _files.WriteMark(position);
            _done = position;
            _files.RemoveBefore(position);
        }
        finally
        {
            _truncating.Release();
        }
    }

    /// <summary>Writes what was appended, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosing) return;
            _isClosing = true;
        }

        _work.Set();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            _writer.Join();
            ended.SetResult();
        })
        { IsBackground = true }.Start();
        await ended.Task.ConfigureAwait(false);
        _file?.Dispose();
        _work.Dispose();
        _lock.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _work.WaitOne();
            JournalBatch batch;
            bool isLast;
            lock (_gate)
            {
                (batch, isLast) = (_next, _isClosing);
                if (batch.Length > 0) _next = new();
            }

            if (batch.Length > 0) Write(batch);
            if (isLast) return;
        }
    }

    private void Write(JournalBatch batch)
    {
        try
        {
            if (_file is null || _length >= _options.FileSize) Begin(batch.First);
            RandomAccess.Write(_file!, batch.Frames, _length);
            if (_options.FlushToDevice) RandomAccess.FlushToDisk(_file!);
            _length += batch.Length;
            batch.Succeed();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What the file holds now is not known. The next batch begins another, with positions of its own.
            _file?.Dispose();
            _file = null;
            if (_failures.MaySay()) Disk.Log.JournalWriteFailed(_options.Logger, error);
            batch.Fail(error);
        }
    }

    private void Begin(long first)
    {
        _file?.Dispose();
        _file = null;
        _length = 0;
        _file = File.OpenHandle(_files.PathOf(first), FileMode.Create, FileAccess.Write, FileShare.Read);
    }
}
