using System.IO.MemoryMappedFiles;

namespace Larder.Crash;

/// <summary>How far each writer has come, in a mapped file: what is written there is there when the process is killed in the next instant.</summary>
public sealed class Progress : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public Progress(string path)
    {
        const int size = 4096;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, size);
        _view = _file.CreateViewAccessor(0, size);
    }

    /// <summary>Operations from this number on were not begun.</summary>
    public long Begun(int writer) => _view.ReadInt64(16 * writer);

    /// <summary>Operations before this number are in a checkpoint that was reported as written.</summary>
    public long Durable(int writer) => _view.ReadInt64((16 * writer) + 8);

    /// <summary>Operations before this number have ended: their caller was told.</summary>
    public long Ended(int writer) => _view.ReadInt64(2048 + (8 * writer));

    public void SetEnded(int writer, long operation) => _view.Write(2048 + (8 * writer), operation);

    public void SetBegun(int writer, long operation) => _view.Write(16 * writer, operation);

    public void SetDurable(int writer, long operation) => _view.Write((16 * writer) + 8, operation);

    /// <summary>Whether the process has opened what it works on.</summary>
    public bool IsWorking
    {
        get => _view.ReadBoolean(1024);
        set => _view.Write(1024, value);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
