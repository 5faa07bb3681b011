using Spectre.Console;

namespace Larder.Cli.Reports;

/// <summary>A bar on standard error while a long replay runs, when someone is there to see it.</summary>
internal static class ProgressBar
{
    // About a second's work.
    private const long LongReplay = 5_000_000;

    /// <summary>Does <paramref name="work"/>, which reports how much of <paramref name="total"/> it did since its last report.</summary>
    public static T Show<T>(TextWriter error, string title, long total, Func<Action<int>?, T> work)
    {
        if (total < LongReplay) return work(null);
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(error) });
        if (!console.Profile.Out.IsTerminal) return work(null);

        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask(Markup.Escape(title), maxValue: total);
                return work(replayed => task.Increment(replayed));
            });
    }
}
