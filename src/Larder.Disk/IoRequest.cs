using FASTER.core;

namespace Larder.Disk;

/// <summary>One read or write of whole sectors.</summary>
internal readonly record struct IoRequest(int Segment, long Offset, nint Memory, int Length, DeviceIOCompletionCallback Done, object Context)
{
    internal unsafe Span<byte> Span => new((void*)Memory, Length);

    internal void Complete() => Done(0, (uint)Length, Context);
}
