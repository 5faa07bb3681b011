using System.Runtime.InteropServices;

namespace Larder.Disk.Tests;

public sealed class DeviceTests : IDisposable
{
    private const int Reads = 64;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reads_that_the_device_holds_up_hold_no_caller_and_no_thread_of_the_pool()
    {
        if (!Machine.Run("mkfifo", _folder.File("log.0"))) Assert.Skip("There are no named pipes here.");
        using var device = new SegmentDevice(_folder.Path, 20, _folder.Clock, _folder.Lines);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = Reads, onPool = 0;
        nint memory = Allocate();
        for (int i = 0; i < Reads; i++)
        {
            device.ReadAsync(0, 0, memory + (i * DiskSizes.Sector), DiskSizes.Sector, (_, _, _) =>
            {
                if (Thread.CurrentThread.IsThreadPoolThread) Interlocked.Increment(ref onPool);
                if (Interlocked.Decrement(ref left) == 0) ended.SetResult();
            }, null!);
        }

        // All calls have returned, and nothing has come: the pipe is empty.
        Assert.Equal(Reads, left);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(static _ => Task.Run(static () => { })));
        await using (var pipe = new FileStream(_folder.File("log.0"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)) await pipe.WriteAsync(new byte[Reads * DiskSizes.Sector]);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, onPool);
        Free(memory);
    }

    private static unsafe nint Allocate() => (nint)NativeMemory.AlignedAlloc(Reads * DiskSizes.Sector, DiskSizes.Sector);

    private static unsafe void Free(nint memory) => NativeMemory.AlignedFree((void*)memory);
}
