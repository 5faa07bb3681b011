using System.Globalization;

namespace Larder.Benchmarks.Measuring;

/// <summary>What a row must reach.</summary>
internal sealed class Goal
{
    private readonly string _text;
    private readonly Func<Row, bool> _isMet;

    private Goal(string text, Func<Row, bool> isMet)
    {
        _text = text;
        _isMet = isMet;
    }

    internal static Goal RatioAtMost(double limit) => new(string.Create(CultureInfo.InvariantCulture, $"ratio <= {limit}"), row => row.Ratio <= limit);

    internal static Goal RatioAtLeast(double limit) => new(string.Create(CultureInfo.InvariantCulture, $"ratio >= {limit}"), row => row.Ratio >= limit);

    internal static Goal OursAtMost(double limit) => new(string.Create(CultureInfo.InvariantCulture, $"ours <= {limit}"), row => row.Ours <= limit);

    /// <summary>At most so long, and at most so many bytes allocated.</summary>
    internal static Goal OursAtMost(double limit, double bytes) => new(
        limit == double.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"bytes <= {bytes}") : string.Create(CultureInfo.InvariantCulture, $"ours <= {limit}, bytes <= {bytes}"),
        row => row.Ours <= limit && row.Bytes <= bytes);

    /// <summary>Faster, and at least as many hits (to a tenth of a point).</summary>
    internal static Goal Ahead(Side ours, Side theirs) => new("ahead in both", row => row.Ratio < 1 && ours.HitRatio >= theirs.HitRatio - 0.001);

    internal bool IsMet(Row row) => _isMet(row);

    public override string ToString() => _text;
}
