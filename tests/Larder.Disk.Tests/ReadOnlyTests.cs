namespace Larder.Disk.Tests;

/// <summary>Folders that cannot be written: in the way of a file, and on a file system that is mounted to be read only.</summary>
public sealed class ReadOnlyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("larder-read-only-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_folder_that_is_a_file_is_said_at_once_and_the_file_is_left_alone()
    {
        string file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "mine", TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<IOException>(async () => await DiskTier.OpenAsync(new() { Directory = file }));
        await Assert.ThrowsAnyAsync<IOException>(async () => await DiskJournal.OpenAsync(new() { Directory = Path.Combine(file, "below") }));
        Assert.Equal("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_system_that_is_read_only_is_said_at_once_and_what_it_holds_is_there_afterwards()
    {
        string disk = Path.Combine(_folder, "disk");
        Machine.Mount(disk, mebibytes: 64);
        try
        {
            await using (var tier = await DiskTier.OpenAsync(new() { Directory = Path.Combine(disk, "tier") }))
                await tier.SetAsync([new(new("a"), new byte[] { 1 }, DateTimeOffset.MaxValue)]);
            Assert.True(Machine.Run("mount", "-o", "remount,ro", disk));
            await Assert.ThrowsAnyAsync<IOException>(async () => await DiskTier.OpenAsync(new() { Directory = Path.Combine(disk, "tier") }));
            await Assert.ThrowsAnyAsync<IOException>(async () => await DiskTier.OpenAsync(new() { Directory = Path.Combine(disk, "other") }));
            await Assert.ThrowsAnyAsync<IOException>(async () => await DiskJournal.OpenAsync(new() { Directory = Path.Combine(disk, "journal") }));
            Assert.True(Machine.Run("mount", "-o", "remount,rw", disk));
            await using var again = await DiskTier.OpenAsync(new() { Directory = Path.Combine(disk, "tier") });
            using var found = new TierPayloads(1);
            await again.GetAsync([new TierKey("a")], found);
            Assert.True(found.TryGet(0, out ReadOnlyMemory<byte> value) && value.Span is [1]);
        }
        finally
        {
            Machine.Run("umount", disk);
        }
    }
}
