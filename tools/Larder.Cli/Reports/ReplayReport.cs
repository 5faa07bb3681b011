using Larder.Cli.Replay;

namespace Larder.Cli.Reports;

/// <summary>Replays as one asks for them: a table or JSON, and a plot beside it.</summary>
internal static class ReplayReport
{
    public static void Write(TextWriter output, List<ReplayResult> results, string? plot, bool json)
    {
        // A plot that fails leaves no results behind it: nothing is printed before all is done.
        if (plot is not null) PlotFile.Write(plot, SvgPlot.Draw(results));
        if (json) JsonReport.Write(output, results);
        else TableReport.Write(output, results);
    }
}
