using System.Buffers;

namespace Larder.Disk;

/// <summary>Records that are written, flushed and acknowledged together.</summary>
internal sealed class JournalBatch
{
    private readonly ArrayBufferWriter<byte> _frames = new(64 << 10);
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when all of it is written, or with what kept it from that.</summary>
    internal Task Written => _written.Task;

    internal ReadOnlySpan<byte> Frames => _frames.WrittenSpan;

    internal int Length => _frames.WrittenCount;

    /// <summary>The position of its first record.</summary>
    internal long First { get; private set; } = -1;

    internal void Add(long position, ReadOnlySpan<byte> record)
    {
        if (First < 0) First = position;
        int length = JournalFrame.HeaderLength + record.Length;
        JournalFrame.Write(_frames.GetSpan(length), position, record);
        _frames.Advance(length);
    }

    internal void Succeed() => _written.SetResult();

    internal void Fail(Exception error)
    {
        _written.SetException(error);
        _ = _written.Task.Exception; // Whoever appended has it; those who were cancelled do not come for it.
    }
}
