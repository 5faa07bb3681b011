using System.IO.MemoryMappedFiles;

namespace Larder.Redis.Victim;

/// <summary>The source of truth of several processes, in a mapped file: the version of each key, and how often and when each process asked for one.</summary>
public sealed class Truth : IDisposable
{
    public const int Keys = 30, MaxProcesses = 16;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public Truth(string folder)
    {
        const int size = 4096;
        var stream = new FileStream(Path.Combine(folder, "truth"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (stream.Length < size) stream.SetLength(size);
        _file = MemoryMappedFile.CreateFromFile(stream, null, size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, size);
    }

    /// <summary>The version of a key. Each key is one process's to write.</summary>
    public long this[int key]
    {
        get => _view.ReadInt64(8 * key);
        set => _view.Write(8 * key, value);
    }

    /// <summary>How many loads a process has begun.</summary>
    public long LoadsOf(int process) => _view.ReadInt64(2048 + (16 * process));

    /// <summary>When it began the last one, by the machine's monotonic clock.</summary>
    public long LastLoadOf(int process) => _view.ReadInt64(2048 + (16 * process) + 8);

    public long Loads => Enumerable.Range(0, MaxProcesses).Sum(LoadsOf);

    /// <summary>A load begins. One call at a time in each process.</summary>
    public void NoteLoad(int process, long now)
    {
        _view.Write(2048 + (16 * process) + 8, now);
        _view.Write(2048 + (16 * process), LoadsOf(process) + 1);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
