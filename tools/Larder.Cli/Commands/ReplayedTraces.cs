using Larder.Cli.Replay;
using Larder.Cli.Reports;
using Larder.Cli.Traces;

namespace Larder.Cli.Commands;

/// <summary>What commands that replay traces have in common: they are read and replayed one after the other, and told of together.</summary>
internal static class ReplayedTraces
{
    public static int Report(Terminal terminal, string[] paths, string? format, string? plot, bool json, Func<Trace, IEnumerable<ReplayResult>> replay)
    {
        foreach (string path in paths) TraceFile.RequireFile(path);
        if (plot is not null) PlotFile.RequireFolder(plot);

        var results = new List<ReplayResult>();
        foreach (string path in paths) results.AddRange(replay(TraceFile.Read(path, format, terminal.Stop)));

        // A plot that fails leaves no results behind it: nothing is printed before all is done.
        if (plot is not null) PlotFile.Write(plot, SvgPlot.Draw(results));
        if (json) JsonReport.Write(terminal.Out, results);
        else TableReport.Write(terminal.Out, results);
        return Program.Done;
    }
}
