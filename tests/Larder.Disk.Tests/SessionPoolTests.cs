using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder.Disk.Tests;

public sealed class SessionPoolTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TestFolder _folder = new();
    private readonly SegmentDevice _device;
    private readonly DiskLog _log;
    private readonly SessionPool _pool;
    private readonly ConcurrentDictionary<DiskSession, bool> _inUse = new();
    private int _twice;

    public SessionPoolTests()
    {
        _device = new(_folder.Path, 20, _folder.Clock, NullLogger.Instance);
        _log = new(_device, new(), new DiskSizes(_folder.Options), new());
        _pool = new(_log.NewSession, "the pool");
    }

    public void Dispose()
    {
        _device.Dispose(); // Before the memory that it may still write from.
        _log.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_session_is_in_use_once_however_threads_take_pass_on_and_take_away()
    {
        // Threads that keep to their seats, and so many calls besides that sessions are wanting.
        bool isOver = false;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
                if (_pool.TryRent() is { } session) GiveBack(Taken(session));
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 400).Select(call => Task.Run(() => CallAsync(new Random(call))))).WaitAsync(_patience);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            foreach (var thread in threads) thread.Join();
        }

        Assert.Equal(0, _twice);
        await _pool.CloseAsync().WaitAsync(_patience);
        Assert.Throws<ObjectDisposedException>(() => _pool.TryRent());
    }

    [Fact]
    public async Task Closing_waits_for_what_is_in_use_and_gets_what_lies_ready_for_other_threads()
    {
        var thread = new Thread(() => _pool.Return(_pool.TryRent()!));
        thread.Start();
        thread.Join();
        var mine = _pool.TryRent()!;
        var closing = _pool.CloseAsync();
        Assert.False(closing.IsCompleted);
        _pool.Return(mine);
        await closing.WaitAsync(_patience);
    }

    private async Task CallAsync(Random random)
    {
        for (int i = 0; i < 100; i++)
        {
            var session = Taken(_pool.TryRent() ?? await _pool.RentAsync());
            if (random.Next(4) > 0) await Task.Yield(); // It goes back on another thread.
            GiveBack(session);
        }
    }

    private DiskSession Taken(DiskSession session)
    {
        if (!_inUse.TryAdd(session, true)) Interlocked.Increment(ref _twice);
        return session;
    }

    private void GiveBack(DiskSession session)
    {
        _inUse.TryRemove(session, out _);
        _pool.Return(session);
    }
}
