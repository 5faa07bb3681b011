namespace Larder.Crash;

/// <summary>Appends to a journal, and notes what was acknowledged.</summary>
public static class JournalWork
{
    public static async Task<int> RunAsync(string directory, int seed, Progress progress)
    {
        await using var journal = await DiskJournal.OpenAsync(new() { Directory = directory, FileSize = 256 << 10 });
        progress.IsWorking = true;
        await Task.WhenAny(Enumerable.Range(0, Work.Writers).Select(writer => Task.Run(async () =>
        {
            var work = new Work(seed, writer);
            for (long next = progress.Begun(writer); ; next++)
            {
                progress.SetBegun(writer, next + 1);
                await journal.AppendAsync(Record(work, writer, next));
                progress.SetDurable(writer, next + 1);
            }
        })));
        return 1; // None of them ends by itself.
    }

    /// <summary>The record of an operation: its writer, then its value, which begins with its number.</summary>
    public static byte[] Record(Work work, int writer, long operation) => [(byte)writer, .. work.Value(operation)];
}
