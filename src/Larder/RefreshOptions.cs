using Larder.Observability;

namespace Larder;

/// <summary>How values are loaded anew in the background, while readers are served the old ones.</summary>
/// <example><code>
/// new RefreshOptions&lt;string, User&gt; { AheadBelow = 0.2 }     // a read in the last fifth of a value's fresh life refreshes it
/// new RefreshOptions&lt;string, User&gt; { EarlyFactor = 1 }     // XFetch: the sooner, the longer the key takes to load
/// </code></example>
public sealed record RefreshOptions<TKey, TValue> where TKey : notnull
{
    /// <summary>The loaders that refresh. Default: null, those of the cache.</summary>
    public IReadOnlyList<ILoader<TKey, TValue>>? Loaders { get; init; }

    /// <summary>A read refreshes a fresh value when less than this fraction of its fresh life remains: 0 to 1. Default: 0, never.</summary>
    public double AheadBelow { get; init; }

    /// <summary>
    /// Probabilistic early refresh (XFetch): a read refreshes a fresh value when a random share of the time that the key took
    /// to load, times this factor, reaches its end. 1 is the paper's choice, more is earlier. Default: 0, never.
    /// </summary>
    public double EarlyFactor { get; init; }

    /// <summary>
    /// The plainer rule: from this fraction of its fresh life on, a read refreshes a value with a probability that rises evenly,
    /// from 0 there to 1 at the end: 0 to 1. 0.5 is usual. Default: 1, never.
    /// </summary>
    public double LinearFrom { get; init; } = 1;

    /// <summary>How many refreshes run at once: at least 1. One that timed out counts until its loader returns. Default: 64.</summary>
    public int MaxConcurrent { get; init; } = 64;

    /// <summary>How many more wait for their turn; beyond that a refresh is refused, counted, and asked for again by a later read. Default: 0.</summary>
    public int MaxWaiting { get; init; }

    /// <summary>How long a refresh may take: above zero, or null for as long as it likes. Default: 30 seconds.</summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the old value leaves when its refresh fails. Default: false, it stays as old as it is.</summary>
    public bool DropsOnError { get; init; }

    /// <summary>The source of randomness for <see cref="EarlyFactor"/> and <see cref="LinearFrom"/>, which must be safe for threads. Default: <see cref="Random.Shared"/>.</summary>
    public Random Source { get; init; } = Random.Shared;

    internal IEnumerable<string> Faults(string name)
    {
        if (Loaders?.Any(static loader => loader is null) == true) yield return $"{name}.{nameof(Loaders)} has a null; each must be a loader.";
        if (!(AheadBelow >= 0 && AheadBelow <= 1)) yield return $"{name}.{nameof(AheadBelow)} is {AheadBelow}; it must be from 0 to 1.";
        if (!(EarlyFactor >= 0 && EarlyFactor <= 1000)) yield return $"{name}.{nameof(EarlyFactor)} is {EarlyFactor}; it must be from 0 to 1000.";
        if (!(LinearFrom >= 0 && LinearFrom <= 1)) yield return $"{name}.{nameof(LinearFrom)} is {LinearFrom}; it must be from 0 to 1.";
        if (MaxConcurrent < 1) yield return $"{name}.{nameof(MaxConcurrent)} is {MaxConcurrent}; it must be at least 1.";
        if (MaxWaiting < 0) yield return $"{name}.{nameof(MaxWaiting)} is {MaxWaiting}; it must be zero or more.";
        if (Timeout is { } timeout && !LongestWait.IsAllowed(timeout)) yield return $"{name}.{nameof(Timeout)} is {Timeout}; it must be {LongestWait.Allowed}, or null for none.";
        if (Source is null) yield return $"{name}.{nameof(Source)} is null; it must be a Random.";
    }
}
