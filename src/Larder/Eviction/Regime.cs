namespace Larder.Eviction;

/// <summary>What an entry at the old end of the window must show to stay.</summary>
internal enum Admission : byte
{
    /// <summary>A use since it came in, or nothing: the window is the whole cache and turns like a clock.</summary>
    Clock,

    /// <summary>A use since it came in moves it to the main queue; a key that comes back soon after leaving goes there at once.</summary>
    Reuse,

    /// <summary>More uses in memory than the entry it would push out of the main queue.</summary>
    Frequency,
}

/// <summary>One way to run the cache: how much of it is window, how an entry passes from there to the main queue.</summary>
/// <param name="WindowShare">Share of the capacity held by the newest entries.</param>
/// <param name="Admission">The test at the end of the window.</param>
/// <param name="Margin">With <see cref="Admission.Frequency"/>: by how many uses the newcomer must be ahead of its victim. The victim has
/// not had its turn in this round and the newcomer has, so a margin of one is what stops a loop from chasing its own tail.</param>
internal readonly record struct Regime(double WindowShare, Admission Admission, int Margin = 0)
{
    /// <summary>Where every cache begins: near the best on average, far from the worst anywhere.</summary>
    public const int First = 3;

    // Invariant: at most eight, one byte lane each in SampledKeys.
    private static readonly Regime[] _all =
    [
        new(0.01, Admission.Frequency, Margin: 1),  // loops larger than the cache, steady popularity
        new(0.20, Admission.Frequency, Margin: 1),  // the same with bursts
        new(0.05, Admission.Frequency),             // W-TinyLFU, popularity that moves
        new(0.20, Admission.Frequency),
        new(0.50, Admission.Frequency),
        new(1.00, Admission.Clock),                 // recency alone
        new(0.50, Admission.Reuse),                 // ARC-like, when new entries are used soon
        new(0.10, Admission.Reuse),                 // S3-FIFO and 2Q, when many are used once
    ];

    public static ReadOnlySpan<Regime> All => _all;

    /// <summary>The window's share of <paramref name="capacity"/>, never empty.</summary>
    public long Window(long capacity) => Math.Clamp((long)(WindowShare * capacity + 0.5), 1, Math.Max(1, capacity));
}
