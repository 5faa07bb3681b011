using System.CommandLine;
using System.Globalization;
using Larder.Cli.Replay;
using Larder.Cli.Traces;

namespace Larder.Cli.Commands;

/// <summary>Options that several commands have. Values come as text, so that every complaint reads the same.</summary>
internal static class SharedOptions
{
    private const uint DefaultSeed = 1;

    public static Option<string> Policy() => new("--policy", "-p")
    {
        Description = $"Which policies, separated by commas: {Contender.Allowed}.",
        DefaultValueFactory = _ => Contender.DefaultName,
    };

    public static Option<string> Seed() => new("--seed")
    {
        Description = "What the policies' random numbers start from.",
        DefaultValueFactory = _ => DefaultSeed.ToString(CultureInfo.InvariantCulture),
    };

    public static Argument<string[]> Traces() => new("TRACE") { Description = "Files of keys, plain or gzip.", Arity = ArgumentArity.OneOrMore };

    public static Option<string> Capacity() => new("--capacity", "-c") { Description = "Capacities in entries, separated by commas." };

    public static Option<string> Percent() => new("--percent") { Description = "Capacities in percent of each trace's keys, separated by commas." };

    public static Option<string> Format() => new("--format") { Description = $"{TraceFile.Formats}. By default u64 for .u64 and .bin, else text." };

    public static Option<string> Plot() => new("--plot") { Description = "Draw hit ratio against capacity into this SVG file." };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON on standard output, and nothing else there." };

    public static uint ParseSeed(string? text) => (uint)Whole("--seed", text, 0, uint.MaxValue);

    /// <summary>Reads a whole number within bounds.</summary>
    public static long Whole(string option, string? text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw new UserError($"{option} '{text}' is not allowed: it is a whole number from {least} to {most}.");
}
