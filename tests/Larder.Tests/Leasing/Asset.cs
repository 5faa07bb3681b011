namespace Larder.Tests.Leasing;

/// <summary>A value that knows how often it was disposed.</summary>
internal sealed class Asset(Action? onDispose = null) : IDisposable
{
    private int _disposals;

    public int Disposals => Volatile.Read(ref _disposals);

    public void Dispose()
    {
        Interlocked.Increment(ref _disposals);
        onDispose?.Invoke();
    }
}
