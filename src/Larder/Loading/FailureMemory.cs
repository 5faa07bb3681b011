using Larder.Resilience;

namespace Larder.Loading;

/// <summary>Remembers which keys failed to load of late, so that a dead source is not asked once for every read.</summary>
internal sealed class FailureMemory<TKey>(FailureOptions options, IEqualityComparer<TKey>? comparer, TimeProvider time) : IDisposable where TKey : notnull
{
    // Forgotten after some longest delays without another failure: then the delays begin anew.
    private const int RememberedDelays = 4;

    private readonly Backoff? _backoff = options.Backoff is { } backoff ? new(backoff, Random.Shared) : null;

    private readonly Cache<TKey, Failure> _failures = new(new()
    {
        Capacity = options.RememberedKeys,
        Policy = EvictionPolicy.Fifo,
        Comparer = comparer,
        TimeProvider = time,
        Lifetime = Lifetime.FreshFor((options.Backoff?.Most ?? TimeSpan.FromSeconds(1)) * RememberedDelays),
    });

    // Whether anything was ever remembered: most caches' reads need not look.
    private volatile bool _isUsed;

    /// <summary>The failure for which the key is left alone now.</summary>
    internal Failure? Current(TKey key, object work, long now) =>
        _isUsed && _failures.TryGet(key, out var failure) && Works.AreSame(failure.Work, work) && now < failure.Until ? failure : null;

    /// <summary>The key failed to load. Returns until when it is left alone.</summary>
    internal long Remember(TKey key, object work, Exception error, long now)
    {
        if (_backoff is null) return now;
        int times = _failures.TryGet(key, out var before) && Works.AreSame(before.Work, work) ? before.Times + 1 : 1;
        long until = now + _backoff.Delay(times).Ticks;
        _failures.Set(key, new(error, work, until, times));
        _isUsed = true;
        return until;
    }

    internal void Forget(TKey key)
    {
        if (_isUsed) _failures.Remove(key);
    }

    internal void Clear()
    {
        if (_isUsed) _failures.Clear();
    }

    public void Dispose() => _failures.Dispose();

    /// <param name="Error">What the loader threw.</param>
    /// <param name="Work">Which loader: another one's readers are not concerned.</param>
    /// <param name="Until">Until when the key is left alone.</param>
    /// <param name="Times">How many times it has failed in a row.</param>
    internal sealed record Failure(Exception Error, object Work, long Until, int Times);
}
