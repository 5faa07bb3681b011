using Larder.Cli.Regret;

namespace Larder.Cli.Reports;

/// <summary>Regret, row by row and then in sum: as a table, or as one JSON object.</summary>
internal static class RegretReport
{
    public static void WriteTable(TextWriter output, RegretRow[] rows)
    {
        var table = PlainTable.Create("trace", ">capacity", "policy", ">hit ratio %", ">reference %", ">best fixed %", "best fixed", ">regret");
        foreach (var row in rows)
        {
            PlainTable.Add(
                table,
                row.Trace,
                Numbers.Whole(row.Capacity),
                row.Policy,
                Numbers.Points(row.HitRatio),
                Numbers.Points(row.Reference),
                Numbers.Points(row.Best),
                row.BestPolicy,
                Numbers.Points(row.Regret));
        }

        PlainTable.Write(output, table);
        WriteSummary(output, RegretSummary.Of(rows));
    }

    public static void WriteJson(TextWriter output, RegretRow[] rows) =>
        JsonReport.WriteObject(output, new { Rows = rows, Summary = RegretSummary.Of(rows) });

    private static void WriteSummary(TextWriter output, RegretSummary[] summaries)
    {
        var table = PlainTable.Create("policy", ">rows", ">mean regret", ">worst regret", "worst on", ">max deviation");
        foreach (var summary in summaries)
        {
            PlainTable.Add(
                table,
                summary.Policy,
                Numbers.Whole(summary.Rows),
                Numbers.Points(summary.MeanRegret),
                Numbers.Points(summary.WorstRegret),
                $"{summary.WorstTrace} at {Numbers.Whole(summary.WorstCapacity)}",
                Numbers.Points(summary.MaxDeviation));
        }

        PlainTable.Write(output, table);
    }
}
