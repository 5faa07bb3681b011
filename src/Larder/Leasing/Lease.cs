using Larder.Leasing;

namespace Larder;

/// <summary>A value of a <see cref="LeasingCache{TKey, TValue}"/> that stays usable until this is disposed. Takes 24 bytes.</summary>
/// <remarks>A lease that is never disposed keeps its value undisposed for ever. It may be disposed twice, and by any thread, but not while another still uses the value by it.</remarks>
public sealed class Lease<TValue> : IDisposable where TValue : class, IDisposable
{
    // Null once it was disposed. Exchanged.
    private Counted<TValue>? _counted;

    internal Lease(Counted<TValue> counted) => _counted = counted;

    /// <summary>The value. It belongs to the cache: do not dispose it, and do not keep it beyond the lease.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public TValue Value => Volatile.Read(ref _counted)?.Value ?? throw new ObjectDisposedException(nameof(Lease<>), "The lease was disposed, and so its value may have been.");

    /// <summary>Lets the value go. If it has left the cache and this was its last lease, it is disposed here and now. Throws nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _counted, null) is { } counted) counted.Holdings.LetGo(counted);
    }
}
