using System.Globalization;
using Larder.TestKit;

namespace Larder.Crash;

/// <summary>
/// Real processes, killed at random instants: at work, within a checkpoint, while starting. LARDER_CRASH_ROUNDS says how many
/// (20 without it); each failure names its seed.
/// </summary>
public sealed class DiskCrashTests
{
    private const long Ample = 1L << 30, Scarce = 16 << 20;

    private static int Rounds => int.Parse(Environment.GetEnvironmentVariable("LARDER_CRASH_ROUNDS") ?? "20", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Killed_at_any_instant_it_starts_with_what_the_last_checkpoint_had()
    {
        int restarts = 0;
        for (int left = Rounds * 2 / 3; left > 0; left -= 20) restarts += await RunAsync(Math.Min(20, left), Ample);
        Assert.True(restarts > 0 || Rounds < 2, "No checkpoint was ever written; the processes live too short a life here.");
    }

    [Fact]
    public async Task Killed_while_the_oldest_is_dropped_it_never_goes_back_to_an_older_value()
    {
        for (int left = (Rounds + 2) / 3; left > 0; left -= 20) await RunAsync(Math.Min(20, left), Scarce);
    }

    // One folder, which dies again and again. Returns how often something had been made to last.
    private static async Task<int> RunAsync(int rounds, long diskSize)
    {
        int seed = Seeds.Next(), lasting = 0;
        var random = new Random(seed);
        string folder = Directory.CreateTempSubdirectory("larder-crash-").FullName, store = Path.Combine(folder, "store");
        try
        {
            var auditors = Enumerable.Range(0, Work.Writers).Select(writer => new Auditor(new Work(seed, writer), writer, mayForget: diskSize == Scarce)).ToArray();
            for (int round = 0; round < rounds; round++)
            {
                string where = $"{Seeds.Variable}={seed}, round {round}";
                string? end = await Victim.LiveAsync(store, Path.Combine(folder, "progress"), seed, diskSize, random);
                Assert.True(end is null, $"{where}: {end}");
                using var progress = new Progress(Path.Combine(folder, "progress"));
                if (progress.Durable(0) > auditors[0].Known) lasting++;
                await using var tier = await DiskTier.OpenAsync(new() { Directory = store, MemorySize = 2 << 20, DiskSize = diskSize });
                Assert.True(Directory.GetDirectories(store).Length == 0, $"{where}: files were moved aside");
                foreach (var auditor in auditors) await auditor.AuditAsync(tier, progress, where);
                Assert.Equal(0, tier.Statistics.Unreadable);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return lasting;
    }
}
