using Larder.Cli.Replay;

namespace Larder.Cli.Reports;

/// <summary>Replays for people: a line each.</summary>
internal static class TableReport
{
    public static void Write(TextWriter output, IEnumerable<ReplayResult> results)
    {
        var table = PlainTable.Create("trace", "policy", ">capacity", ">requests", ">hit ratio %", ">misses", ">requests/s");
        foreach (var result in results)
        {
            PlainTable.Add(
                table,
                result.Trace,
                result.Policy,
                Numbers.Whole(result.Capacity),
                Numbers.Whole(result.Requests),
                Numbers.Percent(result.HitRatio),
                Numbers.Whole(result.Misses),
                Numbers.Millions(result.RequestsPerSecond));
        }

        PlainTable.Write(output, table);
    }
}
