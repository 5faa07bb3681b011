namespace Larder.Memory;

/// <summary>Turns what a user writes into entries, by the user's functions: the copier, the weigher, the lifetime's. Runs outside all locks.</summary>
internal readonly struct Drafts<TKey, TValue>(CacheOptions<TKey, TValue> options) where TKey : notnull
{
    private readonly LifetimeRule<TKey, TValue> _lifetimes = new(options);

    // Whether nothing is left to decide where a writer says nothing: no function to call, no chance, one life for all.
    private readonly bool _areAlike = options.Copy.OnWrite is null && options.Weigher is null && options.LifetimeOf is null
        && options.Lifetime is { Idle: null, Jitter: null };

    /// <summary>Whether a value is all that a write brings. Then it weighs 1 and ends when this says.</summary>
    internal bool ArePlain(long now, out long deadline)
    {
        deadline = _areAlike ? _lifetimes.Plain(now) : 0;
        return _areAlike;
    }

    /// <summary>Whether reads prolong the lives of entries that name no lifetime of their own.</summary>
    internal bool HasIdle => _lifetimes.HasIdle;

    internal NewEntry<TKey, TValue> ForValue(TKey key, int hash, TValue value, Lifetime? lifetime, long? weight, long now)
    {
        if (lifetime is null && weight is null && ArePlain(now, out long deadline)) return NewEntry<TKey, TValue>.Plain(key, value, hash, deadline);

        if (options.Copy.OnWrite is { } copy) value = copy(value);
        long weighs = weight ?? options.Weigher?.Invoke(key, value) ?? 1;
        if (weighs < 0) throw new ArgumentOutOfRangeException(nameof(weight), weighs, "The weight of an entry must be zero or more.");
        return Of(key, hash, value, isAbsent: false, weighs, lifetime ?? _lifetimes.ForValue(key, value), now);
    }

    internal NewEntry<TKey, TValue> ForAbsence(TKey key, int hash, Lifetime? lifetime, long now) =>
        Of(key, hash, default!, isAbsent: true, 1, lifetime ?? _lifetimes.ForAbsence(), now);

    private static NewEntry<TKey, TValue> Of(TKey key, int hash, TValue value, bool isAbsent, long weight, Lifetime lifetime, long now)
    {
        var (hard, deadline, idle) = LifetimeRule<TKey, TValue>.Deadlines(lifetime, now);
        return new(key, value, hash, isAbsent, weight, deadline, hard, idle);
    }
}
