using Larder.Resilience;

namespace Larder.Loading;

/// <summary>What lets one call of a loader pass the breakers, to be given back with how the call ended.</summary>
internal struct BreakerPasses
{
    private CircuitBreaker? _source;
    private CircuitBreaker? _key;
    private BreakerPass _sourcePass;
    private BreakerPass _keyPass;

    /// <summary>Passes the source's breaker. Returns why not, or null.</summary>
    internal Exception? Enter(CircuitBreaker? breaker, string name)
    {
        if (breaker is null) return null;
        if (!breaker.TryEnter(out _sourcePass)) return new CircuitOpenException($"The breaker of cache '{name}' is open: its source is not asked.", breaker.RetryAfter);
        _source = breaker;
        return null;
    }

    /// <summary>Passes the key's breaker. Returns why not, or null.</summary>
    internal Exception? EnterKey<TKey>(KeyedBreakers<TKey>? breakers, TKey key, string name) where TKey : notnull
    {
        if (breakers is null) return null;
        var breaker = breakers.For(key);
        if (!breaker.TryEnter(out _keyPass)) return new CircuitOpenException($"The breaker of one key of cache '{name}' is open: its source is not asked for it.", breaker.RetryAfter);
        _key = breaker;
        return null;
    }

    /// <summary>Gives back what was passed, once.</summary>
    internal void Leave(BreakerOutcome outcome)
    {
        _source?.Leave(_sourcePass, outcome);
        _key?.Leave(_keyPass, outcome);
        (_source, _key) = (null, null);
    }
}
