using System.Globalization;
using Larder.Tiers;

namespace Larder.Disk;

/// <summary>
/// Notes, in files of their own, of the keys that were written or removed since the last checkpoint. That checkpoint may have older values of
/// theirs: after a crash those are removed.
/// </summary>
/// <remarks>
/// Invariant: a key is noted when its change is in the log, and before the change's caller goes on. A checkpoint begins a file and only then takes
/// what is in the log. So what is noted in earlier files is in the checkpoint, and they may go when that is written. A file that is full is followed
/// by another; only the numbers count.
/// </remarks>
internal sealed class ChangedKeys : IDisposable
{
    private const string Prefix = "changed.";
    private const int Room = 256 << 10; // Of a file, unless one call has more.

    private readonly string _directory;
    private readonly bool _flushes;
    private readonly Lock _gate = new();
    private long _number; // Guarded by _gate. Of the file that is written.
    private NoteFile? _file; // Guarded by _gate. Null while nothing is in it.
    private long _length; // Guarded by _gate.

    internal ChangedKeys(string directory, bool flushes)
    {
        (_directory, _flushes) = (directory, flushes);
        _number = Numbers(directory).Append(0).Max() + 1;
    }

    /// <summary>How many bytes were noted since the last checkpoint began.</summary>
    internal long Length => Volatile.Read(ref _length);

    /// <summary>Adds a key to the notes of a call.</summary>
    internal static void Add(PooledBuffer notes, TierKey key)
    {
        int length = JournalFrame.HeaderLength + key.Bytes.Length;
        JournalFrame.Write(notes.GetSpan(length), position: 0, key.Bytes.Span);
        notes.Advance(length);
    }

    /// <summary>Writes the notes of a call. When this has returned they outlive the process.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    internal void Write(ReadOnlySpan<byte> notes)
    {
        if (notes.IsEmpty) return;
        lock (_gate)
        {
            if (_file is null || _file.Left < notes.Length) BeginLocked(notes.Length);
            _file!.Append(notes);
            Volatile.Write(ref _length, _length + notes.Length);
        }
    }

    /// <summary>Begins a file, because a checkpoint begins. Returns its number.</summary>
    internal long Next()
    {
        lock (_gate)
        {
            EndLocked();
            Volatile.Write(ref _length, 0);
            return _number;
        }
    }

    /// <summary>The checkpoint is written that began with the file of that number.</summary>
    internal void RemoveBefore(long number)
    {
        foreach (long old in Numbers(_directory))
            if (old < number) File.Delete(PathOf(old));
    }

    /// <summary>The keys that an earlier process has noted.</summary>
    internal static IEnumerable<TierKey> Read(string directory)
    {
        foreach (long number in Numbers(directory).Order())
            foreach (var record in JournalFrame.ReadAll(File.ReadAllBytes(PathOf(directory, number)), first: 0, out _)) yield return new(record.Bytes);
    }

    public void Dispose() => _file?.Dispose();

    private void BeginLocked(int least)
    {
        if (_file is not null) EndLocked();
        _file = NoteFile.Create(PathOf(_number), Math.Max(Room, least), _flushes);
    }

    private void EndLocked()
    {
        _file?.Dispose();
        _file = null;
        _number++;
    }

    private string PathOf(long number) => PathOf(_directory, number);

    private static string PathOf(string directory, long number) => Path.Combine(directory, Prefix + number.ToString(CultureInfo.InvariantCulture));

    private static IEnumerable<long> Numbers(string directory)
    {
        foreach (string path in Directory.GetFiles(directory, Prefix + "*"))
            if (long.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number)) yield return number;
    }
}
