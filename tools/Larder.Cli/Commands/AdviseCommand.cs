using System.CommandLine;
using Larder.Cli.Replay;
using Larder.Cli.Reports;
using Larder.Cli.Traces;

namespace Larder.Cli.Commands;

/// <summary><c>larder advise</c>: what the advisor of a running cache would say, had it been asked for a trace.</summary>
internal static class AdviseCommand
{
    private const int DefaultKeys = 1024;

    private sealed record Request(string Path, EvictionPolicy Policy, Capacities Capacities, int Keys, bool Verify, string? Format, bool Json, uint Seed);

    public static Command Create(Terminal terminal)
    {
        var trace = new Argument<string>("TRACE") { Description = "A file of keys, plain or gzip." };
        var policy = new Option<string>("--policy", "-p") { Description = "The cache's policy.", DefaultValueFactory = static _ => Contender.DefaultName };
        var capacity = SharedOptions.Capacity();
        var percent = SharedOptions.Percent();
        var keys = new Option<string>("--keys") { Description = $"How many entries a miniature holds, {AdviceOptions.FewestKeys} to {AdviceOptions.MostKeys}. By default {DefaultKeys}." };
        var verify = new Option<bool>("--verify") { Description = "Replay the whole trace too, at each capacity and through each policy, and print what really happens." };
        var format = SharedOptions.Format();
        var json = SharedOptions.Json();
        var seed = SharedOptions.Seed();
        var command = new Command("advise", "Tells what another capacity or policy would do, from a sample of the keys.") { trace, policy, capacity, percent, keys, verify, format, json, seed };
        command.SetAction(parsed => Run(terminal, new(
            parsed.GetRequiredValue(trace),
            ParsePolicy(parsed.GetRequiredValue(policy)),
            Capacities.Parse(parsed.GetValue(capacity), parsed.GetValue(percent)),
            parsed.GetValue(keys) is { } text ? (int)SharedOptions.Whole("--keys", text, AdviceOptions.FewestKeys, AdviceOptions.MostKeys) : DefaultKeys,
            parsed.GetValue(verify),
            TraceFile.ParseFormat(parsed.GetValue(format)),
            parsed.GetValue(json),
            SharedOptions.ParseSeed(parsed.GetValue(seed)))));
        return command;
    }

    private static int Run(Terminal terminal, Request request)
    {
        var trace = TraceFile.Read(request.Path, request.Format, terminal.Stop);
        List<VerifiedAdvice> all = [.. request.Capacities.For(trace).Select(capacity => Advise(terminal, request, trace, capacity))];
        if (request.Json) JsonReport.WriteObject(terminal.Out, all.Select(AdviceReport.ForPrograms));
        else foreach (var advice in all) AdviceReport.Write(terminal.Out, advice);
        return Program.Done;
    }

    private static VerifiedAdvice Advise(Terminal terminal, Request request, Trace trace, long capacity)
    {
        var options = new ReplayOptions(request.Seed, terminal.Stop);
        var advice = SampledReplay.Advise(trace, request.Policy, capacity, request.Keys, options);
        if (!request.Verify) return new(trace.Name, advice, null, null);
        return new(
            trace.Name,
            advice,
            [.. advice.Capacities.Select(estimate => PolicyReplay.Run(trace, request.Policy, estimate.Capacity, options).HitRatio)],
            [.. advice.Policies.Select(estimate => PolicyReplay.Run(trace, ParsePolicy(estimate.Policy), capacity, options).HitRatio)]);
    }

    private static EvictionPolicy ParsePolicy(string text) =>
        EvictionPolicy.All.FirstOrDefault(policy => policy.Name.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? throw new UserError($"--policy '{text}' is not allowed: one of {string.Join(", ", EvictionPolicy.All.Select(static policy => policy.Name))} is.");
}
