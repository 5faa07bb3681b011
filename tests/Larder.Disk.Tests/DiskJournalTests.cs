namespace Larder.Disk.Tests;

public sealed class DiskJournalTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private DiskJournalOptions Options => new() { Directory = _folder.Path, FileSize = 64 << 10, Logger = _folder.Lines };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_appended_is_replayed_in_order_after_a_restart()
    {
        var positions = new List<long>();
        await using (var journal = await DiskJournal.OpenAsync(Options))
        {
            for (int i = 0; i < 100; i++) positions.Add(await journal.AppendAsync(Record(i)));
            Assert.Empty(await Replay(journal)); // Only what was there before.
        }

        await using var again = await DiskJournal.OpenAsync(Options);
        var records = await Replay(again);
        Assert.Equal(positions, records.Select(record => record.Position));
        Assert.Equal(positions.Order(), positions);
        for (int i = 0; i < 100; i++) Assert.Equal(Record(i), records[i].Bytes.ToArray());
        Assert.True(await again.AppendAsync(new byte[1]) > positions[^1]);
    }

    [Fact]
    public async Task Appends_from_many_are_all_there_and_each_ones_in_order()
    {
        const int appenders = 16, each = 500;
        await using (var journal = await DiskJournal.OpenAsync(Options))
        {
            await Task.WhenAll(Enumerable.Range(0, appenders).Select(appender => Task.Run(async () =>
            {
                long last = 0;
                for (int i = 0; i < each; i++)
                {
                    long position = await journal.AppendAsync(Tiers.Value(appender, i, 50));
                    Assert.True(position > last);
                    last = position;
                }
            })));
        }

        await using var again = await DiskJournal.OpenAsync(Options);
        int[] next = new int[appenders];
        foreach (var record in await Replay(again))
        {
            int appender = BitConverter.ToInt32(record.Bytes.Span);
            Assert.Equal(Tiers.Value(appender, next[appender]++, 50), record.Bytes.ToArray());
        }

        Assert.All(next, count => Assert.Equal(each, count));
    }

    [Fact]
    public async Task What_is_truncated_is_not_replayed_and_its_files_go()
    {
        long middle = 0;
        await using (var journal = await DiskJournal.OpenAsync(Options))
        {
            for (int i = 0; i < 2000; i++)
            {
                long position = await journal.AppendAsync(Tiers.Value(i));
                if (i == 1000) middle = position;
            }

            int before = Directory.GetFiles(_folder.Path, "journal.*").Length;
            await journal.TruncateAsync(middle);
            Assert.InRange(Directory.GetFiles(_folder.Path, "journal.*").Length, 2, before - 2);
        }

        await using var again = await DiskJournal.OpenAsync(Options);
        var records = await Replay(again);
        Assert.Equal(1000, records.Count);
        Assert.Equal(middle, records[0].Position);
        await again.TruncateAsync(records[^1].Position + 1);
        Assert.Empty(await Replay(again));
    }

    [Fact]
    public async Task A_torn_last_record_is_left_out_and_the_others_are_not()
    {
        await using (var journal = await DiskJournal.OpenAsync(Options))
            for (int i = 0; i < 10; i++) await journal.AppendAsync(Tiers.Value(i));
        string file = Assert.Single(Directory.GetFiles(_folder.Path, "journal.*"));
        using (var stream = new FileStream(file, FileMode.Open)) stream.SetLength(stream.Length - 7);

        await using (var again = await DiskJournal.OpenAsync(Options))
        {
            Assert.Equal(9, (await Replay(again)).Count);
            Assert.True(_folder.Lines.Has(5011));
            await again.AppendAsync(Tiers.Value(99));
        }

        await using var third = await DiskJournal.OpenAsync(Options);
        var records = await Replay(third);
        Assert.Equal(10, records.Count);
        Assert.Equal(Tiers.Value(99), records[^1].Bytes.ToArray());
    }

    [Fact]
    public async Task A_damaged_record_is_left_out_and_those_behind_it_are_not()
    {
        await using (var journal = await DiskJournal.OpenAsync(Options))
            for (int i = 0; i < 10; i++) await journal.AppendAsync(Tiers.Value(i));
        string file = Assert.Single(Directory.GetFiles(_folder.Path, "journal.*"));
        byte[] bytes = await File.ReadAllBytesAsync(file);
        foreach (int at in new[] { (3 * 216) + 1, (6 * 216) + 40 }) bytes[at] ^= 16; // A length, and a record's own byte.
        await File.WriteAllBytesAsync(file, bytes);
        await using var again = await DiskJournal.OpenAsync(Options);
        Assert.Equal([0, 1, 2, 4, 5, 7, 8, 9], (await Replay(again)).Select(static record => BitConverter.ToInt32(record.Bytes.Span)));
        Assert.True(_folder.Lines.Has(5011));
    }

    [Fact]
    public async Task A_full_disk_fails_the_append_and_later_ones_succeed()
    {
        if (!File.Exists("/dev/full")) Assert.Skip("There is no /dev/full on this system.");
        await using (var journal = await DiskJournal.OpenAsync(Options))
        {
            string first = Path.Combine(_folder.Path, "journal.0000000000000000001");
            File.CreateSymbolicLink(first, "/dev/full");
            await Assert.ThrowsAsync<IOException>(async () => await journal.AppendAsync(Tiers.Value(1)));
            File.Delete(first);
            await journal.AppendAsync(Tiers.Value(2));
        }

        await using var again = await DiskJournal.OpenAsync(Options);
        Assert.Equal(Tiers.Value(2), Assert.Single(await Replay(again)).Bytes.ToArray());
    }

    [Fact]
    public async Task A_second_journal_a_long_record_and_a_closed_one_are_refused()
    {
        var journal = await DiskJournal.OpenAsync(Options with { LargestRecord = 10 });
        await Assert.ThrowsAsync<IOException>(async () => await DiskJournal.OpenAsync(Options));
        Assert.Contains("has 11 bytes", (await Assert.ThrowsAsync<ArgumentException>(async () => await journal.AppendAsync(new byte[11]))).Message, StringComparison.Ordinal);
        await journal.DisposeAsync();
        await journal.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await journal.AppendAsync(new byte[1]));
        Assert.Contains("FileSize is 5", (await Assert.ThrowsAsync<ArgumentException>(async () => await DiskJournal.OpenAsync(Options with { FileSize = 5 }))).Message, StringComparison.Ordinal);
    }

    private static byte[] Record(int i) => i == 0 ? [] : Tiers.Value(i, 0, 8 + i);

    private static async Task<List<JournalRecord>> Replay(DiskJournal journal)
    {
        var records = new List<JournalRecord>();
        await foreach (var record in journal.ReplayAsync()) records.Add(record);
        return records;
    }
}
