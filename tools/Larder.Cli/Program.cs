using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Larder.Cli.Commands;

namespace Larder.Cli;

/// <summary>The command line: parses, runs one command, and turns what went wrong into one line and an exit code.</summary>
internal static class Program
{
    internal const int Done = 0;
    internal const int BadInput = 2;
    internal const int Stopped = 130;

    private static int Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        return Run(args, Console.Out, Console.Error, stop.Token);
    }

    /// <summary>Everything the tool does, with the console as arguments. Returns the exit code.</summary>
    internal static int Run(string[] args, TextWriter output, TextWriter error, CancellationToken stop = default)
    {
        var terminal = new Terminal(output, error, stop);
        var root = new RootCommand("Replays request traces through Larder's eviction policies, and tidies its tiers.")
        {
            SimulateCommand.Create(terminal),
            MrcCommand.Create(terminal),
            AdviseCommand.Create(terminal),
            RegretCommand.Create(terminal),
            SweepCommand.Create(terminal),
        };

        try
        {
            var parsed = root.Parse(args);
            if (parsed.Action is ParseErrorAction || (parsed.Action is null && parsed.Errors.Count > 0))
                throw new UserError($"{Complaint(parsed.Errors)} 'larder --help' lists what is allowed.");
            return parsed.Invoke(new() { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (UserError e)
        {
            error.WriteLine($"larder: {e.Message.ReplaceLineEndings(" ")}");
            return BadInput;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            error.WriteLine("larder: stopped.");
            return Stopped;
        }
    }

    // One line: of several errors, the first that quotes what was given.
    private static string Complaint(IReadOnlyList<ParseError> errors) =>
        (errors.FirstOrDefault(e => e.Message.Contains('\'')) ?? errors[0]).Message.TrimEnd('.', ' ') + ".";
}
