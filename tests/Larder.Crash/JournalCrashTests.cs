using System.Globalization;
using Larder.TestKit;

namespace Larder.Crash;

public sealed class JournalCrashTests
{
    private static int Rounds => int.Parse(Environment.GetEnvironmentVariable("LARDER_CRASH_ROUNDS") ?? "20", CultureInfo.InvariantCulture) / 2;

    [Fact]
    public async Task Every_acknowledged_record_is_replayed_in_order_after_a_kill()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        string folder = Directory.CreateTempSubdirectory("larder-crash-").FullName, store = Path.Combine(folder, "journal"), file = Path.Combine(folder, "progress");
        try
        {
            long[] known = new long[Work.Writers]; // Records before these were truncated.
            for (int round = 0; round < Rounds; round++)
            {
                string where = $"{Seeds.Variable}={seed}, round {round}";
                string? end = await Victim.LiveAsync(store, file, seed, diskSize: 0, random);
                Assert.True(end is null, $"{where}: {end}");
                using var progress = new Progress(file);
                await using var journal = await DiskJournal.OpenAsync(new() { Directory = store });
                long until = await ReplayAsync(journal, seed, known, where);
                for (int writer = 0; writer < Work.Writers; writer++)
                    Assert.True(known[writer] >= progress.Durable(writer), $"{where}: writer {writer} was told that {progress.Durable(writer)} are safe, and {known[writer]} were replayed");
                for (int writer = 0; writer < Work.Writers; writer++) progress.SetBegun(writer, known[writer]);
                await journal.TruncateAsync(until);
            }

            Assert.True(known.Sum() > 0 || Rounds < 2, "No record was ever acknowledged; the processes live too short a life here.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Each writer's records in order and without a gap. Returns the position behind the last.
    private static async Task<long> ReplayAsync(DiskJournal journal, int seed, long[] known, string where)
    {
        long position = 0;
        await foreach (var record in journal.ReplayAsync())
        {
            Assert.True(record.Position >= position, $"{where}: position {record.Position} comes before {position}");
            position = record.Position + 1;
            int writer = record.Bytes.Span[0];
            long expected = known[writer]++;
            Assert.True(record.Bytes.Span.SequenceEqual(JournalWork.Record(new Work(seed, writer), writer, expected)), $"{where}: record {record.Position} is not operation {expected} of writer {writer}");
        }

        return position;
    }
}
