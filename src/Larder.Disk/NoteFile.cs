using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Larder.Disk;

/// <summary>A file that is written from its beginning by storing into memory: what is stored outlives the process, without a call into the system.</summary>
/// <remarks>
/// On a full disk, a store into a mapped page that has no room on the device ends the process. So all of the file is written with zeros first, which
/// is an exception where there is no room; and where even a page with room needs other room when it changes, it is not mapped, but written by calls.
/// </remarks>
internal sealed unsafe class NoteFile : IDisposable
{
    private static readonly byte[] _zeros = new byte[64 << 10];

    // Of these, a page that changes after it was written back is put elsewhere.
    private static readonly HashSet<string> _copying = new(StringComparer.OrdinalIgnoreCase) { "apfs", "bcachefs", "btrfs", "nilfs2", "refs", "zfs" };

    private readonly SafeFileHandle _file;
    private readonly int _room;
    private readonly bool _flushes;
    private MemoryMappedFile? _map; // These three: null where it is written by calls.
    private MemoryMappedViewAccessor? _view;
    private byte* _memory;
    private int _length; // Invariant: at most _room; what lies behind is zeros.

    private NoteFile(SafeFileHandle file, int room, bool flushes) => (_file, _room, _flushes) = (file, room, flushes);

    /// <summary>What may still be appended.</summary>
    internal int Left => _room - _length;

    /// <summary>Makes a file of so many bytes.</summary>
    /// <param name="path">Its path; what is there goes.</param>
    /// <param name="room">How long it is.</param>
    /// <param name="flushes">Whether what is appended must outlive the machine, too.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal static NoteFile Create(string path, int room, bool flushes)
    {
        var made = new NoteFile(File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read), room, flushes);
        try
        {
            for (int at = 0; at < room; at += _zeros.Length) RandomAccess.Write(made._file, _zeros.AsSpan(0, Math.Min(_zeros.Length, room - at)), at);
            if (!flushes) made.Map(path);
            return made;
        }
        catch
        {
            made.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Appends what there is room for. When this has returned, it outlives the process.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Left, nameof(bytes));
        if (_memory is not null) bytes.CopyTo(new(_memory + _length, bytes.Length));
        else RandomAccess.Write(_file, bytes, _length);
        if (_flushes) RandomAccess.FlushToDisk(_file);
        _length += bytes.Length;
    }

    public void Dispose()
    {
        if (_view is { SafeMemoryMappedViewHandle: var view })
        {
            if (_memory is not null) view.ReleasePointer();
            _memory = null;
            view.Dispose(); // Before its owner, which would flush it to the device.
        }

        _view?.Dispose();
        _map?.Dispose();
        _file.Dispose();
    }

    private void Map(string path)
    {
        try
        {
            if (_copying.Contains(new DriveInfo(path).DriveFormat)) return;
            _map = MemoryMappedFile.CreateFromFile(_file, mapName: null, _room, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, _room, MemoryMappedFileAccess.ReadWrite);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _memory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            _memory = null; // One that cannot be mapped, or whose file system is not known: by calls, then.
        }
    }
}
