using System.CommandLine;
using Larder.Cli.Replay;
using Larder.Cli.Reports;
using Larder.Cli.Traces;

namespace Larder.Cli.Commands;

/// <summary><c>larder simulate</c>: traces × policies × capacities, as a table, JSON and a plot.</summary>
internal static class SimulateCommand
{
    private sealed record Request(string[] Paths, Contender[] Contenders, Capacities Capacities, string? Format, string? Plot, bool Json, uint Seed);

    public static Command Create(Terminal terminal)
    {
        var traces = SharedOptions.Traces();
        var policy = SharedOptions.Policy();
        var capacity = SharedOptions.Capacity();
        var percent = SharedOptions.Percent();
        var format = SharedOptions.Format();
        var plot = SharedOptions.Plot();
        var json = SharedOptions.Json();
        var seed = SharedOptions.Seed();
        var concurrent = new Option<string>("--concurrent") { Description = "Replay through the real cache with so many threads, 1 to 64." };

        var command = new Command("simulate", "Replays traces and tells how often each policy would have hit.")
        {
            traces, policy, capacity, percent, format, plot, json, seed, concurrent,
        };
        command.SetAction(parsed => Run(terminal, new(
            parsed.GetRequiredValue(traces),
            Contenders(parsed.GetRequiredValue(policy), parsed.GetValue(concurrent)),
            Capacities.Parse(parsed.GetValue(capacity), parsed.GetValue(percent)),
            TraceFile.ParseFormat(parsed.GetValue(format)),
            parsed.GetValue(plot),
            parsed.GetValue(json),
            SharedOptions.ParseSeed(parsed.GetValue(seed)))));
        return command;
    }

    private static Contender[] Contenders(string policies, string? threads)
    {
        var contenders = Contender.Parse(policies);
        return threads is null ? contenders : Contender.Concurrently(contenders, (int)SharedOptions.Whole("--concurrent", threads, 1, 64));
    }

    private static int Run(Terminal terminal, Request request) =>
        ReplayedTraces.Report(terminal, request.Paths, request.Format, request.Plot, request.Json, trace => Replay(terminal, request, trace));

    private static List<ReplayResult> Replay(Terminal terminal, Request request, Trace trace)
    {
        long[] capacities = request.Capacities.For(trace);
        long total = (long)trace.Requests.Length * capacities.Length * request.Contenders.Length;
        return ProgressBar.Show(terminal.Error, trace.Name, total, progress =>
        {
            var options = new ReplayOptions(request.Seed, terminal.Stop, progress);
            var runs = from capacity in capacities
                       from contender in request.Contenders
                       select contender.Run(trace, capacity, options);
            return runs.ToList();
        });
    }
}
