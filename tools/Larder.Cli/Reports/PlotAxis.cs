namespace Larder.Cli.Reports;

/// <summary>Places values along a line of the plot, and chooses where to label it.</summary>
internal sealed class PlotAxis
{
    // Beyond this ratio a linear axis would crowd the small values at its start.
    private const double LogarithmicFrom = 6;

    private readonly Func<double, double> _scale;
    private readonly double _low;
    private readonly double _high;
    private readonly double _start;
    private readonly double _end;

    private PlotAxis(Func<double, double> scale, double low, double high, double start, double end, IReadOnlyList<double> ticks)
    {
        _scale = scale;
        (_low, _high) = (scale(low), scale(high));
        (_start, _end) = (start, end);
        Ticks = ticks;
    }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Capacities: labelled where they were measured, logarithmic when they spread wide.</summary>
    public static PlotAxis OfCapacities(IEnumerable<long> capacities, double start, double end)
    {
        double[] values = [.. capacities.Distinct().Order().Select(c => (double)c)];
        Func<double, double> scale = values[^1] / values[0] >= LogarithmicFrom ? Math.Log : x => x;
        return new(scale, values[0], values[^1], start, end, values);
    }

    /// <summary>Percents: from the round value below the least to the one above the greatest.</summary>
    public static PlotAxis OfPercents(IEnumerable<double> percents, double start, double end)
    {
        double[] values = [.. percents];
        (double low, double high) = (values.Min(), values.Max());
        double step = RoundStep(Math.Max(high - low, 0.5) / 5);
        low = Math.Max(0, Math.Floor(low / step) * step);
        high = Math.Min(100, Math.Ceiling(high / step) * step);
        if (high - low < step) (low, high) = high >= 100 ? (100 - step, 100) : (low, low + step);
        int ticks = (int)Math.Round((high - low) / step);
        return new(x => x, low, high, start, end, [.. Enumerable.Range(0, ticks + 1).Select(i => low + (i * step))]);
    }

    /// <summary>Where a value lies; in the middle when it is the only one.</summary>
    public double At(double value) => _high - _low > 0
        ? _start + ((_scale(value) - _low) / (_high - _low) * (_end - _start))
        : (_start + _end) / 2;

    // 1, 2 or 5 times a power of ten.
    private static double RoundStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        return (step / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
