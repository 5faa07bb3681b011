using System.CommandLine;
using Larder.Cli.Regret;
using Larder.Cli.Replay;
using Larder.Cli.Reports;
using Larder.Cli.Traces;

namespace Larder.Cli.Commands;

/// <summary><c>larder regret</c>: how far policies are from the best fixed one of a reference, over a folder of traces.</summary>
internal static class RegretCommand
{
    private const string FolderVariable = "LARDER_TRACES";
    private const string DefaultFolder = "../shared/traces";
    private const string ReferenceName = "reference.csv";
    private const int MostThreads = 1024;

    private sealed record Request(string Folder, string? Reference, Contender[] Contenders, int Threads, bool Json, uint Seed);

    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string?>("DIR")
        {
            Description = $"The folder of traces. By default ${FolderVariable}, else {DefaultFolder}.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var policy = SharedOptions.Policy();
        var reference = new Option<string>("--reference") { Description = $"The hit ratios to compare with. By default {ReferenceName} in DIR." };
        var parallel = new Option<string>("--parallel") { Description = "How many replays run at a time. By default one per processor." };
        var json = SharedOptions.Json();
        var seed = SharedOptions.Seed();

        var command = new Command("regret", "Compares policies with the best fixed policy of a reference, over a folder of traces.")
        {
            folder, policy, reference, parallel, json, seed,
        };
        command.SetAction(parsed => Run(terminal, new(
            parsed.GetValue(folder) ?? Environment.GetEnvironmentVariable(FolderVariable) ?? DefaultFolder,
            parsed.GetValue(reference),
            Contender.Parse(parsed.GetRequiredValue(policy)),
            parsed.GetValue(parallel) is { } threads ? (int)SharedOptions.Whole("--parallel", threads, 1, MostThreads) : Environment.ProcessorCount,
            parsed.GetValue(json),
            SharedOptions.ParseSeed(parsed.GetValue(seed)))));
        return command;
    }

    private static int Run(Terminal terminal, Request request)
    {
        if (!Directory.Exists(request.Folder)) throw new UserError($"folder '{request.Folder}' does not exist: give one that holds traces, or set {FolderVariable}.");
        var reference = Reference.Read(request.Reference ?? Path.Combine(request.Folder, ReferenceName));
        string[] files = FilesOf(request.Folder, reference);
        if (files.Length == 0) throw new UserError($"folder '{request.Folder}' has no trace of the reference, such as {reference.Traces.First()}.u64.gz.");

        foreach (string missing in reference.Traces.Except(files.Select(TraceFile.NameOf)))
            terminal.Error.WriteLine($"larder: left out: no trace '{missing}' in '{request.Folder}'.");

        var rows = RegretRun.Run(files, reference, request.Contenders, request.Threads, new(request.Seed, terminal.Stop));
        if (request.Json) RegretReport.WriteJson(terminal.Out, rows);
        else RegretReport.WriteTable(terminal.Out, rows);
        return Program.Done;
    }

    private static string[] FilesOf(string folder, Reference reference)
    {
        var known = reference.Traces.ToHashSet();
        return [.. Directory.EnumerateFiles(folder).Where(file => known.Contains(TraceFile.NameOf(file))).Order(StringComparer.Ordinal)];
    }
}
