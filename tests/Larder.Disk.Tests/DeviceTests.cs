using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Larder.Disk.Tests;

public sealed class DeviceTests : IDisposable
{
    private const int Reads = 64;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reads_that_the_device_holds_up_hold_no_caller_and_no_thread_of_the_pool()
    {
        // No file can be read here; and the log, which is told so once, does not return.
        Directory.CreateDirectory(_folder.File("log.0"));
        using var held = new HeldUp();
        using var device = new SegmentDevice(_folder.Path, 20, _folder.Clock, held);
        try
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            int left = Reads, onPool = 0;
            byte[] room = GC.AllocateArray<byte>(Reads * DiskSizes.Sector, pinned: true);
            room.AsSpan().Fill(1);
            nint memory = Marshal.UnsafeAddrOfPinnedArrayElement(room, 0);
            for (int i = 0; i < Reads; i++)
            {
                device.ReadAsync(0, 0, memory + (i * DiskSizes.Sector), DiskSizes.Sector, (_, _, _) =>
                {
                    if (Thread.CurrentThread.IsThreadPoolThread) Interlocked.Increment(ref onPool);
                    if (Interlocked.Decrement(ref left) == 0) ended.SetResult();
                }, null!);
            }

            // All calls have returned, and one read does not come.
            Assert.NotEqual(0, Volatile.Read(ref left));
            await Task.WhenAll(Enumerable.Range(0, 32).Select(static _ => Task.Run(static () => { }))).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.False(ended.Task.IsCompleted);
            held.Let();
            await ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(0, onPool);
            GC.KeepAlive(room);
            Assert.Equal(0, left);
            Assert.All(room, static b => Assert.Equal(0, b)); // A read that fails is a miss.
        }
        finally
        {
            held.Let(); // Or the device would wait for it for ever, were one of these not so.
        }
    }

    private sealed class HeldUp : ILogger, IDisposable
    {
        private readonly ManualResetEventSlim _gate = new();

        public void Let() => _gate.Set();

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _gate.Wait();

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Dispose() => _gate.Dispose();
    }
}
