using System.Collections.Concurrent;

namespace Larder.Disk;

/// <summary>
/// Threads of its own for the device, because the operating systems' calls for files block, and must not block the pool's threads.
/// </summary>
internal sealed class IoQueue : IDisposable
{
    private readonly BlockingCollection<IoRequest> _requests = []; // Bounded by the pages and the reads that FASTER has under way.
    private readonly Thread[] _threads;

    internal IoQueue(string name, int threads, Action<IoRequest> handle)
    {
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(() => Run(handle)) { IsBackground = true, Name = $"{name} {i}" })];
        foreach (var thread in _threads) thread.Start();
    }

    internal void Add(in IoRequest request) => _requests.Add(request);

    /// <summary>Finishes what is queued, and ends.</summary>
    public void Dispose()
    {
        _requests.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        _requests.Dispose();
    }

    private void Run(Action<IoRequest> handle)
    {
        foreach (var request in _requests.GetConsumingEnumerable()) handle(request);
    }
}
