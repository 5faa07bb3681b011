using System.Buffers.Binary;
using System.Globalization;
using Larder.TestKit;

namespace Larder.Crash;

public sealed class WriteBehindCrashTests
{
    private static int Rounds => int.Parse(Environment.GetEnvironmentVariable("LARDER_CRASH_ROUNDS") ?? "20", CultureInfo.InvariantCulture) / 2;

    [Fact]
    public async Task Every_acknowledged_write_reaches_the_source_and_none_goes_back_however_often_the_process_is_killed()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        string folder = Directory.CreateTempSubdirectory("larder-crash-").FullName, store = Path.Combine(folder, "journal"), file = Path.Combine(folder, "progress");
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                string? end = await Victim.LiveAsync(store, file, seed, diskSize: -1, random);
                Assert.True(end is null, $"{Seeds.Variable}={seed}, round {round}: {end}");
                if (random.Next(3) == 0) await AuditAsync(store, file, seed, $"{Seeds.Variable}={seed}, round {round}");
            }

            await AuditAsync(store, file, seed, $"{Seeds.Variable}={seed}, at the end");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Whoever comes next brings back what was acknowledged; then the source must have it.
    private static async Task AuditAsync(string store, string file, int seed, string where)
    {
        using var progress = new Progress(file);
        await using (var source = WriteBehindWork.Source(store))
        {
            await using var cache = await WriteBehindWork.OpenAsync(store, source);
            await cache.StartAsync();
            await cache.FlushAsync();
        }

        Dictionary<int, long> last = [];
        byte[] written = await File.ReadAllBytesAsync($"{store}.source");
        for (int at = 0; at + WriteBehindWork.RecordLength <= written.Length; at += WriteBehindWork.RecordLength)
        {
            int key = BinaryPrimitives.ReadInt32LittleEndian(written.AsSpan(at));
            long operation = BinaryPrimitives.ReadInt64LittleEndian(written.AsSpan(at + 4));
            Assert.True(!last.TryGetValue(key, out long before) || operation >= before, $"{where}: key {key} was written operation {operation} after {before}");
            Assert.True(operation < progress.Begun(key % Work.Writers), $"{where}: key {key} was written operation {operation}, which nobody asked for");
            last[key] = operation;
        }

        for (int writer = 0; writer < Work.Writers; writer++)
        {
            var work = new Work(seed, writer);
            Dictionary<int, long> acknowledged = [];
            for (long operation = 0; operation < progress.Durable(writer); operation++) acknowledged[(work.KeyOf(operation) % 40 * Work.Writers) + writer] = operation;
            foreach (var (key, operation) in acknowledged)
                Assert.True(last.GetValueOrDefault(key, -1) >= operation, $"{where}: key {key} was acknowledged operation {operation}, and the source has {last.GetValueOrDefault(key, -1)}");
        }
    }
}
