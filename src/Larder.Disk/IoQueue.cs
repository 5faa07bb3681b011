using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Larder.Disk;

/// <summary>
/// Threads of its own for the device, because the operating systems' calls for files block, and must not block the pool's threads.
/// </summary>
[SuppressMessage("Design", "CA2213:Disposable fields should be disposed", Justification = "Latecomers still ask it whether it has ended.")]
internal sealed class IoQueue : IDisposable
{
    private readonly BlockingCollection<IoRequest> _requests = []; // Bounded by the pages and the reads that FASTER has under way.
    private readonly Thread[] _threads;

    internal IoQueue(string name, int threads, Action<IoRequest> handle)
    {
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(() => Run(handle)) { IsBackground = true, Name = $"{name} {i}" })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <returns>False when the queue has ended.</returns>
    internal bool TryAdd(in IoRequest request)
    {
        try
        {
            _requests.Add(request);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Finishes what is queued, and ends.</summary>
    public void Dispose()
    {
        _requests.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
    }

    private void Run(Action<IoRequest> handle)
    {
        foreach (var request in _requests.GetConsumingEnumerable()) handle(request);
    }
}
