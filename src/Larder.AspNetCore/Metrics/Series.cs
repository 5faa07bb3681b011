namespace Larder.AspNetCore.Metrics;

/// <summary>What one instrument has told under one set of attributes: a figure, or how many fell into each bucket.</summary>
internal sealed record Series(IReadOnlyList<KeyValuePair<string, string>> Labels)
{
    /// <summary>The figure; of a histogram, the sum.</summary>
    internal double Value { get; init; }

    /// <summary>For a histogram, how many fell into each bucket, the last one without a bound.</summary>
    internal long[] Counts { get; init; } = [];
}
