using System.CommandLine;
using System.Globalization;
using Larder.Cli.Replay;
using Larder.Cli.Reports;
using Larder.Cli.Traces;

namespace Larder.Cli.Commands;

/// <summary><c>larder mrc</c>: the miss-ratio curve of traces under LRU, of all capacities at once.</summary>
internal static class MrcCommand
{
    private const string DefaultPercents = "1,2,5,10,15,20,25,30,40,50,60,70,80,90,100";

    private sealed record Request(string[] Paths, Capacities Capacities, double Rate, string? Format, string? Plot, bool Json, uint Seed);

    public static Command Create(Terminal terminal)
    {
        var traces = SharedOptions.Traces();
        var capacity = SharedOptions.Capacity();
        var percent = new Option<string>("--percent") { Description = $"Capacities in percent of each trace's keys. By default {DefaultPercents}." };
        var rate = new Option<string>("--rate") { Description = "The share of the keys to look at, above 0 and at most 1, the default: all of them." };
        var format = SharedOptions.Format();
        var plot = SharedOptions.Plot();
        var json = SharedOptions.Json();
        var seed = SharedOptions.Seed();
        var command = new Command("mrc", "Tells how often LRU would have hit at many capacities, by one pass over each trace.") { traces, capacity, percent, rate, format, plot, json, seed };
        command.SetAction(parsed => Run(terminal, new(
            parsed.GetRequiredValue(traces),
            Capacities.Parse(parsed.GetValue(capacity), parsed.GetValue(percent) ?? (parsed.GetValue(capacity) is null ? DefaultPercents : null)),
            ParseRate(parsed.GetValue(rate)),
            TraceFile.ParseFormat(parsed.GetValue(format)),
            parsed.GetValue(plot),
            parsed.GetValue(json),
            SharedOptions.ParseSeed(parsed.GetValue(seed)))));
        return command;
    }

    private static int Run(Terminal terminal, Request request) => ReplayedTraces.Report(
        terminal, request.Paths, request.Format, request.Plot, request.Json, trace => ProgressBar.Show(terminal.Error, trace.Name, trace.Requests.Length, progress =>
            SampledReplay.Curve(trace, request.Capacities.For(trace), request.Rate, new(request.Seed, terminal.Stop, progress)).ToList()));

    private static double ParseRate(string? text) =>
        text is null ? 1
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double rate) && rate is > 0 and <= 1 ? rate
        : throw new UserError($"--rate '{text}' is not allowed: it is a number above 0 and at most 1.");
}
