using System.CommandLine;
using System.Globalization;

namespace Larder.Cli.Commands;

/// <summary><c>larder sweep</c>: removes from a disk tier what earlier schema versions of a cache have left.</summary>
internal static class SweepCommand
{
    public static Command Create(Terminal terminal)
    {
        var directory = new Argument<string>("DIRECTORY") { Description = "The folder of the disk tier, which no process may have open." };
        var cache = new Option<string>("--cache") { Description = "The cache's name.", Required = true };
        var below = new Option<string>("--below") { Description = "Versions below this one go.", Required = true };
        var command = new Command("sweep", "Removes from a disk tier the entries of earlier schema versions of a cache.") { directory, cache, below };
        command.SetAction(async (parsed, cancel) => await RunAsync(terminal, parsed.GetRequiredValue(directory), parsed.GetRequiredValue(cache), parsed.GetRequiredValue(below), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, string directory, string cache, string below, CancellationToken cancellationToken)
    {
        int version = (int)SharedOptions.Whole("--below", below, 1, 100_000);
        if (!Directory.Exists(directory)) throw new UserError($"There is no folder '{directory}'.");
        try
        {
            await using var tier = await DiskTier.OpenAsync(new() { Directory = directory }, cancellationToken);
            TierKey[] prefixes = [.. Enumerable.Range(0, version).Select(old => LoadingCacheSweeping.PrefixOf(cache, old))];
            long removed = await tier.RemovePrefixesAsync(prefixes, cancellationToken);
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{removed:N0} entries removed, {tier.Statistics.Entries:N0} records remain in the log."));
            return Program.Done;
        }
        catch (IOException error)
        {
            throw new UserError(error.Message);
        }
    }
}
