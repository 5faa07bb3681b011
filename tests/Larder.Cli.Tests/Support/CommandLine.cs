namespace Larder.Cli.Tests.Support;

/// <summary>The tool, run in this process.</summary>
internal sealed record CommandLine(int ExitCode, string Out, string Error)
{
    public static CommandLine Run(params string[] args) => Run(TestContext.Current.CancellationToken, args);

    public static CommandLine Run(CancellationToken stop, params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exitCode = Program.Run(args, output, error, stop);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The one line of a run that refused its input, and printed nothing else.</summary>
    public string Refusal()
    {
        Assert.Equal(2, ExitCode);
        Assert.Empty(Out);
        Assert.StartsWith("larder: ", Error);
        return Assert.Single(Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
