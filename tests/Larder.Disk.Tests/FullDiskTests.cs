namespace Larder.Disk.Tests;

/// <summary>A device that takes no writes. The next segment is made a link to one that is always full, or to a file nobody may write.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/dev/full")]
    [InlineData("/proc/version")]
    public async Task Writes_fail_while_the_device_takes_none_and_nothing_is_lost_when_it_does_again(string target)
    {
        if (!File.Exists(target)) Assert.Skip($"There is no {target} on this system.");
        int written;
        await using (var tier = await _folder.OpenAsync())
        {
            for (int key = 0; key < 1000; key++) await tier.Set(key);
            await tier.CheckpointAsync();
            File.CreateSymbolicLink(_folder.File("log.1"), target);
            File.CreateSymbolicLink(_folder.File("log.2"), target);

            written = 1000;
            var error = await Assert.ThrowsAsync<IOException>(async () =>
            {
                for (; written < 100_000; written++) await tier.Set(written);
            });
            Assert.Contains($"The disk tier 'disk' in '{_folder.Path}' cannot write: ", error.Message, StringComparison.Ordinal);
            Assert.InRange(written, 2000, 20_000);
            Assert.True(_folder.Lines.Has(5004));

            // Reads and removals go on; what would have to be written does not.
            Assert.Equal(Tiers.Value(0), await tier.Get(0));
            Assert.Equal(Tiers.Value(written - 1), await tier.Get(written - 1));
            await tier.RemoveAsync([Tiers.Key(7)]);
            Assert.Null(await tier.Get(7));
            await Assert.ThrowsAsync<IOException>(async () => await tier.CheckpointAsync());
            await Assert.ThrowsAsync<IOException>(async () => await tier.ClearAsync());

            File.Delete(_folder.File("log.1"));
            File.Delete(_folder.File("log.2"));
            await RestartTests.Until(() =>
            {
                _folder.Clock.Advance(TimeSpan.FromSeconds(1));
                return _folder.Lines.Has(5005);
            });
            for (int i = 0; i < 5000; i++) await tier.Set(written++);
            await tier.CheckpointAsync();
            for (int key = 8; key < written; key += 13) Assert.Equal(Tiers.Value(key), await tier.Get(key));
        }

        await using var again = await _folder.OpenAsync();
        for (int key = 8; key < written; key += 13) Assert.Equal(Tiers.Value(key), await again.Get(key));
        Assert.Null(await again.Get(7));
        Assert.Empty(_folder.Aside());
    }

    [Fact]
    public async Task A_file_system_that_is_full_costs_nothing_that_was_acknowledged()
    {
        string disk = _folder.File("disk"), ballast = Path.Combine(disk, "ballast");
        Machine.Mount(disk, mebibytes: 12);
        try
        {
            int written = 0, acknowledged = 0;
            await using (var tier = await DiskTier.OpenAsync(_folder.Options with { Directory = Path.Combine(disk, "tier") }))
            await using (var journal = await DiskJournal.OpenAsync(new() { Directory = Path.Combine(disk, "journal") }))
            {
                await File.WriteAllBytesAsync(ballast, new byte[6 << 20]);
                await Assert.ThrowsAnyAsync<IOException>(async () =>
                {
                    for (; written < 100_000; written++) await tier.Set(written);
                });
                await Assert.ThrowsAnyAsync<IOException>(async () =>
                {
                    for (; acknowledged < 100_000; acknowledged++) await journal.AppendAsync(Tiers.Value(acknowledged));
                });
                for (int key = 0; key < written; key += 97) Assert.Equal(Tiers.Value(key), await tier.Get(key));

                File.Delete(ballast);
                await RestartTests.Until(() =>
                {
                    _folder.Clock.Advance(TimeSpan.FromSeconds(1));
                    return _folder.Lines.Has(5005);
                });
                await tier.Set(written++);
                await journal.AppendAsync(Tiers.Value(acknowledged++));
            }

            await using var again = await DiskTier.OpenAsync(_folder.Options with { Directory = Path.Combine(disk, "tier") });
            await using var journalAgain = await DiskJournal.OpenAsync(new() { Directory = Path.Combine(disk, "journal") });
            for (int key = 0; key < written; key += 13) Assert.Equal(Tiers.Value(key), await again.Get(key));
            HashSet<int> replayed = [];
            await foreach (var record in journalAgain.ReplayAsync()) replayed.Add(BitConverter.ToInt32(record.Bytes.Span));
            Assert.Superset(Enumerable.Range(0, acknowledged).ToHashSet(), replayed);
        }
        finally
        {
            Machine.Run("umount", disk);
        }
    }

    [Fact]
    public async Task On_a_full_disk_removals_are_noted_where_there_is_room_already_and_else_said()
    {
        string disk = _folder.File("disk"), directory = Path.Combine(disk, "tier"), ballast = Path.Combine(disk, "ballast");
        Machine.Mount(disk, mebibytes: 24);
        try
        {
            await using (var tier = await DiskTier.OpenAsync(_folder.Options with { Directory = directory }))
            {
                for (int key = 0; key < 100; key++) await tier.Set(key);
                await tier.CheckpointAsync();
                await tier.RemoveAsync([Tiers.Key(1)]);
                Assert.ThrowsAny<IOException>(() => Fill(ballast));
                for (int key = 2; key < 50; key++) await tier.RemoveAsync([Tiers.Key(key)]);

                await Assert.ThrowsAnyAsync<IOException>(async () => await tier.CheckpointAsync()); // It has begun another file of notes.
                string[] notes = Directory.GetFiles(directory, "changed.*");
                await Assert.ThrowsAnyAsync<IOException>(async () => await tier.RemoveAsync([Tiers.Key(50)]));
                Assert.Null(await tier.Get(50));
                Assert.Equal(notes, Directory.GetFiles(directory, "changed.*"));

                File.Delete(ballast);
                await tier.RemoveAsync([Tiers.Key(50)]);
                await RestartTests.Until(() =>
                {
                    _folder.Clock.Advance(TimeSpan.FromSeconds(1));
                    return !_folder.Lines.Has(5004) || _folder.Lines.Has(5005);
                });
            } // Not with the checkpoint that was begun before the last removal.

            await using var again = await DiskTier.OpenAsync(_folder.Options with { Directory = directory });
            for (int key = 1; key < 100; key++) Assert.Equal(key <= 50 ? null : Tiers.Value(key), await again.Get(key));
        }
        finally
        {
            Machine.Run("umount", disk);
        }
    }

    [Fact]
    public async Task Closing_while_the_device_takes_no_writes_ends_and_the_last_checkpoint_holds()
    {
        if (!File.Exists("/dev/full")) Assert.Skip("There is no /dev/full on this system.");
        await using (var tier = await _folder.OpenAsync())
        {
            for (int key = 0; key < 1000; key++) await tier.Set(key);
            await tier.CheckpointAsync();
            File.CreateSymbolicLink(_folder.File("log.1"), "/dev/full");
            File.CreateSymbolicLink(_folder.File("log.2"), "/dev/full");
            await Assert.ThrowsAsync<IOException>(async () =>
            {
                for (int key = 1000; key < 100_000; key++) await tier.Set(key);
            });
        }

        await using var again = await _folder.OpenAsync();
        for (int key = 0; key < 1000; key++) Assert.Equal(Tiers.Value(key), await again.Get(key));
        Assert.Empty(_folder.Aside());
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_an_error_that_names_it()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Needs /proc.");
        var error = await Assert.ThrowsAnyAsync<Exception>(async () => await DiskTier.OpenAsync(_folder.Options with { Directory = "/proc/larder" }));
        Assert.True(error is IOException or UnauthorizedAccessException, error.ToString());
        Assert.Contains("/proc/larder", error.Message, StringComparison.Ordinal);
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        byte[] page = new byte[4096];
        while (true) file.Write(page);
    }
}
