using FASTER.core;

namespace Larder.Disk;

/// <summary>What FASTER gets where it asks for a file that there is not.</summary>
internal sealed class EmptyDevice() : StorageDeviceBase("", DiskSizes.Sector, -1)
{
    public override long GetFileSize(int segment) => 0;

    public override void WriteAsync(nint sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context) =>
        callback(0, numBytesToWrite, context);

    public override void ReadAsync(int segmentId, ulong sourceAddress, nint destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context) =>
        callback(0, 0, context);

    public override void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result) => callback(result);

    public override void Dispose() { }
}
