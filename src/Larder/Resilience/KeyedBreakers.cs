namespace Larder.Resilience;

/// <summary>A breaker for each of the keys that were loaded last.</summary>
internal sealed class KeyedBreakers<TKey>(KeyedBreakerOptions options, IEqualityComparer<TKey>? comparer) : IDisposable where TKey : notnull
{
    private readonly Cache<TKey, CircuitBreaker> _breakers = new(new()
    {
        Capacity = options.Capacity,
        Policy = EvictionPolicy.Lru,
        Comparer = comparer,
        TimeProvider = options.Breaker.TimeProvider,
    });

    internal CircuitBreaker For(TKey key) => _breakers.GetOrAdd(key, static (_, breaker) => new(breaker), options.Breaker);

    public void Dispose() => _breakers.Dispose();
}
