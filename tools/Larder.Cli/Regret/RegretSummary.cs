namespace Larder.Cli.Regret;

/// <summary>One policy over all rows, in points.</summary>
internal sealed record RegretSummary(string Policy, int Rows, double MeanRegret, double WorstRegret, string WorstTrace, long WorstCapacity, double? MaxDeviation)
{
    public static RegretSummary[] Of(IEnumerable<RegretRow> rows) => [.. rows.GroupBy(row => row.Policy).Select(OfPolicy)];

    private static RegretSummary OfPolicy(IGrouping<string, RegretRow> rows)
    {
        var worst = rows.MaxBy(row => row.Regret)!;
        return new(
            rows.Key,
            rows.Count(),
            rows.Average(row => row.Regret),
            worst.Regret,
            worst.Trace,
            worst.Capacity,
            rows.Max(row => row.Deviation is { } deviation ? Math.Abs(deviation) : (double?)null));
    }
}
