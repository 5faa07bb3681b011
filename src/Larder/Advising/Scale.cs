using Larder.Eviction;

namespace Larder.Advising;

/// <summary>How a cache is scaled down: which keys stand for all (Waldspurger et al., SHARDS, FAST 2015), and what its capacity amounts to among them.</summary>
internal sealed class Scale
{
    /// <summary>How many times the capacity is looked at, at most.</summary>
    public const int Most = 4;

    private readonly uint _seed;
    private readonly uint _threshold;

    /// <param name="entries">How many entries the capacity amounts to.</param>
    /// <param name="keys">How many of them a miniature may hold.</param>
    /// <param name="seed">Where chance starts.</param>
    /// <param name="rate">The share of the keys to look at; null for one that follows from the entries.</param>
    public Scale(double entries, int keys, uint seed, double? rate = null)
    {
        Entries = Math.Max(1, entries);
        _seed = seed;
        double wanted = Math.Min(1, rate ?? keys / Entries);
        _threshold = wanted >= 1 ? uint.MaxValue : (uint)(wanted * uint.MaxValue);
        Rate = (_threshold + 1.0) / (uint.MaxValue + 1.0);

        // The rate has an end, of one key in four thousand million: a capacity that stands for "no limit" does not fit in memory at any.
        Capacity = Math.Max(1, Math.Min(Rate * Entries, 2.0 * keys));
    }

    public double Entries { get; }

    /// <summary>The share of the keys that is in the sample.</summary>
    public double Rate { get; }

    /// <summary>What the cache's capacity amounts to in keys of the sample.</summary>
    public double Capacity { get; }

    /// <summary>How deep the recency stack must be.</summary>
    public int Depth => (int)Math.Ceiling(Most * Capacity);

    public bool Samples(int hash) => HashMix.Mix(hash, _seed) <= _threshold;

    /// <summary>What so many times the capacity amounts to in keys of the sample.</summary>
    public int Times(double times) => Math.Max(1, (int)(times * Capacity + 0.5));
}
