using Larder.TestKit;

namespace Larder.Disk.Tests;

/// <summary>Files that are not as the tier left them. Whatever they hold, it starts, and says nothing that was never written.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Keys = 12_000; // Some 3 MiB: three segments.

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Flipped_bits_never_give_a_wrong_value()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        for (int round = 0; round < 25; round++)
        {
            using var folder = new TestFolder();
            await FillAsync(folder);
            string[] files = [.. folder.Segments(), folder.File("checkpoint")];
            string hit = files[random.Next(files.Length)];
            FlipBit(hit, random.NextInt64(new FileInfo(hit).Length), random.Next(8));
            await StartsWithoutWrongValues(folder, $"{Seeds.Variable}={seed}, round {round}, {hit}");
        }
    }

    [Fact]
    public async Task Truncated_files_never_give_a_wrong_value()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        for (int round = 0; round < 20; round++)
        {
            using var folder = new TestFolder();
            await FillAsync(folder);
            string[] files = [.. folder.Segments(), folder.File("checkpoint")];
            string hit = files[random.Next(files.Length)];
            using (var file = new FileStream(hit, FileMode.Open)) file.SetLength(random.NextInt64(file.Length));
            await StartsWithoutWrongValues(folder, $"{Seeds.Variable}={seed}, round {round}, {hit}");
        }
    }

    [Fact]
    public async Task A_torn_tail_costs_nothing_that_was_checkpointed()
    {
        // What was being written when the machine stopped: the sector in which the checkpoint ends, and those behind it.
        await FillAsync(_folder);
        byte[] noise = new byte[10_000];
        new Random(1).NextBytes(noise);
        string last = _folder.Segments()[^1];
        using (var file = new FileStream(last, FileMode.Open))
        {
            file.Position = file.Length - 4096;
            file.Write(noise);
        }

        await using var tier = await _folder.OpenAsync();
        Assert.Empty(_folder.Aside());
        for (int key = 0; key < Keys; key += 37) Assert.Equal(Tiers.Value(key), await tier.Get(key));
        Assert.Equal(Tiers.Value(Keys - 1), await tier.Get(Keys - 1));
    }

    [Theory]
    [InlineData("checkpoint", "")]
    [InlineData("checkpoint", "not a checkpoint at all, but longer than its header would be, and by some way, too")]
    [InlineData("checkpoint", null)]
    [InlineData("log.0", null)]
    [InlineData("log.1", "")]
    public async Task What_cannot_be_used_is_moved_aside_and_the_tier_begins_empty(string name, string? content)
    {
        await FillAsync(_folder);
        long bytes = _folder.BytesOfSegments();
        if (content is null) File.Delete(_folder.File(name));
        else await File.WriteAllTextAsync(_folder.File(name), content);
        await File.WriteAllTextAsync(_folder.File("notes.txt"), "not the tier's");
        long left = _folder.BytesOfSegments();
        await using (var tier = await _folder.OpenAsync())
        {
            Assert.Null(await tier.Get(5));
            await tier.Set(5, 1);
            Assert.Equal(Tiers.Value(5, 1), await tier.Get(5));
        }

        string aside = Assert.Single(_folder.Aside());
        Assert.Equal(left, Directory.GetFiles(aside, "log.*").Sum(path => new FileInfo(path).Length));
        Assert.InRange(left, 1, bytes);
        Assert.True(_folder.Lines.Has(5003));
        Assert.True(File.Exists(_folder.File("notes.txt")));
        await using var again = await _folder.OpenAsync();
        Assert.Equal(Tiers.Value(5, 1), await again.Get(5));
        Assert.Single(_folder.Aside());
    }

    [Fact]
    public async Task A_checkpoint_that_was_only_begun_is_as_if_it_were_not()
    {
        await FillAsync(_folder);
        await File.WriteAllTextAsync(_folder.File("checkpoint.new"), "half of it");
        await using var tier = await _folder.OpenAsync();
        Assert.Equal(Tiers.Value(7), await tier.Get(7));
        Assert.Empty(_folder.Aside());
    }

    [Fact]
    public async Task Damage_while_it_runs_is_a_miss_and_counted()
    {
        await using var tier = await _folder.OpenAsync();
        for (int key = 0; key < Keys; key++) await tier.Set(key);
        await tier.CheckpointAsync();
        Assert.Equal(Tiers.Value(3), await tier.Get(3));
        string first = _folder.Segments()[0];
        byte[] noise = new byte[600_000];
        new Random(2).NextBytes(noise);
        using (var file = new FileStream(first, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.Write(noise);
        int lost = 0;
        for (int key = 0; key < 4000; key++)
        {
            byte[]? value = await tier.Get(key);
            if (value is null) lost++;
            else Assert.Equal(Tiers.Value(key), value);
        }

        Assert.InRange(lost, 1000, 3000);
        Assert.True(tier.Statistics.Unreadable > 0);
        Assert.True(_folder.Lines.Has(5007));
        await tier.Set(3, 1);
        Assert.Equal(Tiers.Value(3, 1), await tier.Get(3));
    }

    private static async Task FillAsync(TestFolder folder)
    {
        await using var tier = await folder.OpenAsync();
        for (int key = 0; key < Keys; key++) await tier.Set(key);
    }

    private static async Task StartsWithoutWrongValues(TestFolder folder, string run)
    {
        await using (var tier = await folder.OpenAsync())
        {
            for (int key = 0; key < Keys; key += 11)
                Assert.True(await tier.Get(key) is not { } value || value.AsSpan().SequenceEqual(Tiers.Value(key)), run);
            await tier.Set(-1);
        }

        await using var again = await folder.OpenAsync();
        Assert.True(await again.Get(-1) is { } kept && kept.AsSpan().SequenceEqual(Tiers.Value(-1)), run);
    }

    private static void FlipBit(string path, long at, int bit)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = at;
        int old = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(old ^ (1 << bit)));
    }
}
