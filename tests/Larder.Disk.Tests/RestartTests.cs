using Larder.TestKit;

namespace Larder.Disk.Tests;

public sealed class RestartTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(30_000)]
    public async Task What_was_there_at_the_close_is_there_at_the_start(int count)
    {
        await using (var tier = await _folder.OpenAsync())
            for (int key = 0; key < count; key++) await tier.Set(key);
        for (int restart = 0; restart < 3; restart++)
        {
            await using var again = await _folder.OpenAsync();
            Assert.True(_folder.Lines.Has(5001));
            for (int key = 0; key < count; key += 1 + (count / 300)) Assert.Equal(Tiers.Value(key, restart > 0 && key == 0 ? restart : 0), await again.Get(key));
            await again.Set(0, restart + 1);
        }

        Assert.Empty(_folder.Aside());
        Assert.StartsWith(_folder.Path, _folder.Lines.All.First(line => line.Id == 5001).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removed_entries_stay_removed()
    {
        await using (var tier = await _folder.OpenAsync())
        {
            for (int key = 0; key < 2000; key++) await tier.Set(key);
            for (int key = 0; key < 2000; key += 2) await tier.RemoveAsync([Tiers.Key(key)]);
        }

        await using var again = await _folder.OpenAsync();
        for (int key = 0; key < 2000; key++) Assert.Equal(key % 2 == 0 ? null : Tiers.Value(key), await again.Get(key));
    }

    [Fact]
    public async Task A_copy_of_the_folder_taken_while_it_is_used_starts_with_the_last_checkpoint_and_without_what_was_changed_since()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        await using var tier = await _folder.OpenAsync();
        var checkpointed = new Dictionary<int, int>();
        for (int round = 1; round <= 12; round++)
        {
            for (int i = 0; i < 1 + random.Next(4000); i++)
            {
                int key = random.Next(5000);
                await tier.Set(key, round);
                checkpointed[key] = round;
            }

            await tier.CheckpointAsync();
            HashSet<int> changed = [.. Enumerable.Range(0, random.Next(3000)).Select(_ => random.Next(5000))];
            foreach (int key in changed)
            {
                if (random.Next(4) > 0) await tier.Set(key, round + 100);
                else await tier.RemoveAsync([Tiers.Key(key)]);
                checkpointed.Remove(key);
            }

            using var copy = Copy();
            await using var started = await copy.OpenAsync();
            Assert.True(copy.Aside().Length == 0, $"With {Seeds.Variable}={seed}: {string.Join('\n', copy.Lines.All)}");
            foreach (int key in changed) Assert.True(await started.Get(key) is null, $"With {Seeds.Variable}={seed}: key {key} is back in round {round}");
            foreach (var (key, written) in checkpointed)
                Assert.True(await started.Get(key) is { } value && value.AsSpan().SequenceEqual(Tiers.Value(key, written)), $"With {Seeds.Variable}={seed}: key {key} in round {round}");
        }
    }

    [Fact]
    public async Task Notes_of_what_was_changed_go_with_the_checkpoint_that_has_it_also_when_nothing_was_there()
    {
        await using var tier = await _folder.OpenAsync();
        await tier.Set(1);
        Assert.Single(Directory.GetFiles(_folder.Path, "changed.*"));
        await tier.CheckpointAsync();
        Assert.Empty(Directory.GetFiles(_folder.Path, "changed.*"));
        await tier.RemoveAsync([Tiers.Key(7)]);
        await tier.CheckpointAsync();
        Assert.Empty(Directory.GetFiles(_folder.Path, "changed.*"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Notes_of_many_changes_take_more_files_than_one_and_none_is_lost(bool flushes)
    {
        const int single = 20, each = 600;
        await using var tier = await DiskTier.OpenAsync(_folder.Options with { FlushToDevice = flushes });
        await tier.SetAsync([.. Enumerable.Range(0, (single * each) + 100).Select(static key => new TierEntry(Tiers.Key(key), Tiers.Value(key), DateTimeOffset.MaxValue))]);
        await tier.CheckpointAsync();
        for (int i = 0; i < single; i++) await tier.RemoveAsync([.. Enumerable.Range(i * each, each).Select(Tiers.Key)]);
        TierKey[] longer = [.. Enumerable.Range(0, 300).Select(static i => new TierKey(new string('x', 1000) + i))];
        await tier.RemoveAsync(longer); // More than a file has room for.
        Assert.InRange(Directory.GetFiles(_folder.Path, "changed.*").Length, 2, 4);
        using (var copy = Copy())
        {
            await using var started = await copy.OpenAsync();
            for (int key = 0; key < single * each; key++) Assert.Null(await started.Get(key));
            for (int key = single * each; key < (single * each) + 100; key++) Assert.Equal(Tiers.Value(key), await started.Get(key));
        }

        await tier.CheckpointAsync();
        Assert.Empty(Directory.GetFiles(_folder.Path, "changed.*"));
    }

    [Fact]
    public async Task Damaged_notes_cost_what_was_hit_and_no_more()
    {
        await using var tier = await _folder.OpenAsync();
        for (int key = 0; key < 100; key++) await tier.Set(key);
        await tier.CheckpointAsync();
        for (int key = 0; key < 90; key++) await tier.RemoveAsync([Tiers.Key(key)]);
        using var copy = Copy();
        string notes = Assert.Single(Directory.GetFiles(copy.Path, "changed.*"));
        byte[] bytes = await File.ReadAllBytesAsync(notes);
        bytes[500] ^= 4;
        await File.WriteAllBytesAsync(notes, [.. bytes, 1, 2, 3]);
        await using var started = await copy.OpenAsync();
        int back = 0;
        for (int key = 0; key < 90; key++) back += await started.Get(key) is null ? 0 : 1;
        Assert.Equal(1, back);
        for (int key = 90; key < 100; key++) Assert.Equal(Tiers.Value(key), await started.Get(key));
        Assert.True(copy.Lines.Has(5013));
    }

    [Fact]
    public async Task A_removal_that_cannot_be_noted_is_done_and_said()
    {
        await using var tier = await _folder.OpenAsync();
        await tier.Set(1);
        await tier.CheckpointAsync();
        string next = _folder.File("changed.3"); // Each of the two checkpoints has begun one.
        Directory.CreateDirectory(next);
        await Assert.ThrowsAnyAsync<Exception>(async () => await tier.RemoveAsync([Tiers.Key(1)]));
        Assert.Null(await tier.Get(1));
        Directory.Delete(next);
        await tier.RemoveAsync([Tiers.Key(1)]);
    }

    [Fact]
    public async Task A_second_tier_in_the_same_folder_is_refused_clearly()
    {
        await using var tier = await _folder.OpenAsync();
        var error = await Assert.ThrowsAsync<IOException>(async () => await _folder.OpenAsync());
        Assert.Contains("in use by another disk tier or journal", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
        await tier.Set(1);
        Assert.Equal(Tiers.Value(1), await tier.Get(1));
    }

    [Fact]
    public async Task Another_memory_size_keeps_what_is_there()
    {
        await using (var tier = await _folder.OpenAsync())
            for (int key = 0; key < 10_000; key++) await tier.Set(key);
        await using var larger = await DiskTier.OpenAsync(_folder.Options with { MemorySize = 8 << 20, DiskSize = 64 << 20 });
        for (int key = 0; key < 10_000; key += 100) Assert.Equal(Tiers.Value(key), await larger.Get(key));
        Assert.Empty(_folder.Aside());
    }

    [Fact]
    public async Task Checkpoints_come_by_time_and_by_bytes_and_not_without_need()
    {
        await using var tier = await DiskTier.OpenAsync(_folder.Options with { CheckpointBytes = 1 << 20 });
        long before = tier.Statistics.Checkpoints;
        await tier.Set(1);
        _folder.Clock.Advance(TimeSpan.FromSeconds(30));
        await Until(() => tier.Statistics.Checkpoints == before + 1);
        _folder.Clock.Advance(TimeSpan.FromSeconds(30));
        await tier.CheckpointAsync(); // Has its turn after the timer's.
        Assert.Equal(before + 1, tier.Statistics.Checkpoints);
        for (int key = 0; key < 6000; key++) await tier.Set(key);
        await Until(() => tier.Statistics.Checkpoints > before + 1);
    }

    // What a crash leaves: the files as they are at an instant, without the lock.
    private TestFolder Copy()
    {
        var copy = new TestFolder();
        foreach (string path in Directory.GetFiles(_folder.Path).Where(path => Path.GetFileName(path) != "in-use")) File.Copy(path, copy.File(Path.GetFileName(path)));
        return copy;
    }

    internal static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition()) await Task.Delay(5, patience.Token);
    }
}
