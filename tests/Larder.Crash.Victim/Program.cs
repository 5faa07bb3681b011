using System.Globalization;
using Larder;
using Larder.Crash;

// DIRECTORY PROGRESS-FILE SEED DISK-SIZE: writes and removes until it is killed. Disk size 0: appends to a journal; -1: writes behind over one.
string directory = args[0];
int seed = int.Parse(args[2], CultureInfo.InvariantCulture);
using var progress = new Progress(args[1]);
if (args[3] == "0") return await JournalWork.RunAsync(directory, seed, progress);
if (args[3] == "-1") return await WriteBehindWork.RunAsync(directory, seed, progress);
await using var tier = await DiskTier.OpenAsync(new()
{
    Directory = directory,
    MemorySize = 2 << 20,
    DiskSize = long.Parse(args[3], CultureInfo.InvariantCulture),
    CheckpointInterval = TimeSpan.FromMilliseconds(70),
    CheckpointBytes = 1 << 20,
});

progress.IsWorking = true;
long[] done = new long[Work.Writers];
var writers = Enumerable.Range(0, Work.Writers).Select(writer => Task.Run(() => WriteAsync(writer))).ToArray();
var checkpoints = Task.Run(CheckpointAsync);
await await Task.WhenAny([.. writers, checkpoints]);
return 1; // None of them ends by itself.

async Task WriteAsync(int writer)
{
    const int most = 40_000; // Enough for a life of a second; more would fill the disk between two looks at it.
    var work = new Work(seed, writer);
    var random = new Random();
    long first = progress.Begun(writer), next = first;
    while (true)
    {
        if (next - first >= most)
        {
            await Task.Delay(10);
            continue;
        }

        int count = 1 + random.Next(8);
        progress.SetBegun(writer, next + count);
        for (int i = 0; i < count; i++)
        {
            if (work.IsRemoval(next)) await tier.RemoveAsync([Work.Name(work.KeyOf(next))]);
            else await tier.SetAsync([new(Work.Name(work.KeyOf(next)), work.Value(next), DateTimeOffset.MaxValue)]);
            progress.SetEnded(writer, ++next);
        }

        Volatile.Write(ref done[writer], next);
        if (random.Next(50) == 0) await Task.Delay(1);
    }
}

async Task CheckpointAsync()
{
    var random = new Random();
    while (true)
    {
        await Task.Delay(random.Next(60));
        long[] before = [.. done.Select((_, writer) => Volatile.Read(ref done[writer]))];
        await tier.CheckpointAsync();
        for (int writer = 0; writer < Work.Writers; writer++)
            if (before[writer] > 0) progress.SetDurable(writer, before[writer]);
    }
}
