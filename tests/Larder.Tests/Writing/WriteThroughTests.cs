namespace Larder.Tests.Writing;

public sealed class WriteThroughTests
{
    [Fact]
    public async Task The_source_has_it_before_the_cache_and_the_caller()
    {
        await using var ledger = new Ledger(behind: null);
        ledger.Writes = (_, _) =>
        {
            Assert.False(ledger.Cache.Contains(1));
            return default;
        };
        await ledger.Set(1, "a");
        Assert.Equal(("a", "a"), (ledger.Find(1), await ledger.Cache.GetAsync(1)));
        ledger.Writes = static (_, _) => default;
        Assert.True(await ledger.Cache.RemoveAsync(1));
        Assert.Equal((null, null), (ledger.Find(1), await ledger.Cache.GetAsync(1)));
        Assert.Equal([new(1, "a"), new(1, null, IsRemoval: true)], ledger.Written);
        Assert.Equal(2, ledger.Cache.WritingStatistics.Written);
    }

    [Fact]
    public async Task A_source_that_fails_leaves_the_cache_as_it_was()
    {
        await using var ledger = new Ledger(behind: null);
        await ledger.Set(1, "old");
        ledger.Writes = static (_, _) => throw new TimeZoneNotFoundException();
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => ledger.Set(1, "new"));
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await ledger.Cache.RemoveAsync(1));
        Assert.Equal("old", ledger.Cache.Peek(1).Value);
        Assert.Equal(2, ledger.Cache.WritingStatistics.Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_nobody_knows_whether_it_was_written_the_cache_forgets_the_key(bool byTimeout)
    {
        await using var ledger = new Ledger(behind: null);
        await ledger.Set(1, "old");
        ledger.Writes = static async (_, cancel) => await Task.Delay(Timeout.Infinite, cancel);
        using var cancel = new CancellationTokenSource();
        var write = ledger.Cache.SetAsync(1, "new", cancellationToken: cancel.Token).AsTask();
        if (byTimeout)
        {
            ledger.Clock.Advance(TimeSpan.FromSeconds(5));
            await Assert.ThrowsAsync<TimeoutException>(() => write);
        }
        else
        {
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        }

        Assert.False(ledger.Cache.Contains(1));
    }

    [Fact]
    public async Task Writes_of_one_key_reach_source_and_cache_in_the_order_in_which_they_were_made()
    {
        await using var ledger = new Ledger(behind: null);
        var gate = new TaskCompletionSource();
        ledger.Writes = (_, _) => new(gate.Task);
        Task[] writes = [.. Enumerable.Range(0, 50).Select(i => ledger.Set(1, $"{i}"))];
        Assert.Equal([1], ledger.Batches);
        await Task.WhenAny(ledger.Set(2, "not held up"), Task.CompletedTask);
        Assert.Equal(2, ledger.Batches.Count);
        gate.SetResult();
        await Task.WhenAll(writes);
        Assert.Equal(Enumerable.Range(0, 50).Select(static i => $"{i}"), ledger.Written.Where(static w => w.Key == 1).Select(static w => w.Value));
        Assert.Equal("49", ledger.Cache.Peek(1).Value);
    }

    [Fact]
    public async Task Many_writes_reach_the_source_in_batches_and_one_that_fails_harms_no_other()
    {
        await using var ledger = new Ledger(behind: null, change: static options => options with { Batches = new() { MaxBatch = 4 } });
        await ledger.Cache.SetManyAsync([.. Enumerable.Range(0, 10).Select(static i => KeyValuePair.Create(i, $"a{i}")), new(3, "again")]);
        Assert.Equal([4, 4, 2], ledger.Batches);
        Assert.Equal(("again", "again", "a9"), (ledger.Find(3), ledger.Cache.Peek(3).Value, ledger.Cache.Peek(9).Value));

        ledger.Writes = static (writes, _) => writes.Any(static write => write.Key == 5) ? throw new TimeZoneNotFoundException() : default;
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await ledger.Cache.SetManyAsync(Enumerable.Range(0, 8).Select(static i => KeyValuePair.Create(i, "b"))));
        Assert.Equal(("b", "a5", "a5"), (ledger.Cache.Peek(0).Value, ledger.Cache.Peek(5).Value, ledger.Find(5)));
    }

    [Fact]
    public async Task Many_removals_reach_the_source_in_batches_and_one_that_fails_harms_no_other()
    {
        await using var ledger = new Ledger(behind: null, change: static options => options with { Batches = new() { MaxBatch = 4 } });
        await ledger.Cache.SetManyAsync(Enumerable.Range(0, 8).Select(static i => KeyValuePair.Create(i, "a")));
        int before = ledger.Batches.Count;
        Assert.Equal(6, await ledger.Cache.RemoveManyAsync([0, 1, 2, 3, 4, 100, 5, 3]));
        Assert.Equal([4, 3], ledger.Batches.Skip(before));
        Assert.Equal((null, null, "a"), (ledger.Find(3), ledger.Cache.Peek(3).Value, ledger.Cache.Peek(7).Value));
        Assert.Equal([0, 1, 2, 3, 4, 100, 5], ledger.Written.Where(static write => write.IsRemoval).Select(static write => write.Key));

        await ledger.Cache.SetManyAsync(Enumerable.Range(0, 8).Select(static i => KeyValuePair.Create(i, "b")));
        ledger.Writes = static (writes, _) => writes.Any(static write => write.Key == 5) ? throw new TimeZoneNotFoundException() : default;
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await ledger.Cache.RemoveManyAsync(Enumerable.Range(0, 8)));
        Assert.Equal((null, "b", "b"), (ledger.Find(0), ledger.Find(5), ledger.Cache.Peek(5).Value));
        Assert.False(ledger.Cache.Contains(0));
    }

    [Fact]
    public async Task When_nobody_knows_whether_many_were_removed_the_cache_forgets_them()
    {
        await using var ledger = new Ledger(behind: null);
        await ledger.Cache.SetManyAsync([new(1, "a"), new(2, "b")]);
        ledger.Writes = static async (_, cancel) => await Task.Delay(Timeout.Infinite, cancel);
        using var cancel = new CancellationTokenSource();
        var removal = ledger.Cache.RemoveManyAsync([1, 2], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => removal);
        Assert.Equal((false, false), (ledger.Cache.Contains(1), ledger.Cache.Contains(2)));
    }

    [Fact]
    public async Task What_the_tiers_refuse_and_the_source_has_leaves_nothing_older_in_the_cache()
    {
        await using var ledger = new Ledger(behind: null, change: static options => options with { Tiers = [new(new InMemoryTier())], Payloads = new() { MaxLength = 10, RefusesOversize = true } });
        await ledger.Set(1, "old");
        await ledger.Set(2, "old");
        string large = new('x', 100);
        await Assert.ThrowsAsync<ArgumentException>(() => ledger.Set(1, large));
        await Assert.ThrowsAsync<ArgumentException>(async () => await ledger.Cache.SetManyAsync([new(2, large), new(3, "kept")]));
        Assert.Equal((false, false, "kept"), (ledger.Cache.Contains(1), ledger.Cache.Contains(2), ledger.Cache.Peek(3).Value));
        Assert.Equal(large, await ledger.Cache.GetAsync(1));
    }

    [Fact]
    public async Task Batches_that_share_keys_wait_for_each_other_and_none_for_ever()
    {
        await using var ledger = new Ledger(behind: null);
        var gate = new TaskCompletionSource();
        ledger.Writes = (_, _) => new(gate.Task);
        Task[] writes = [.. Enumerable.Range(0, 20).Select(i => ledger.Cache.SetManyAsync(Enumerable.Range(0, 5).Select(k => KeyValuePair.Create((k + i) % 5, $"{i}"))).AsTask()), ledger.Set(2, "single")];
        Assert.Equal([5], ledger.Batches);
        gate.SetResult();
        await Task.WhenAll(writes);
        Assert.Equal(("single", "19", "single", "19"), (ledger.Find(2), ledger.Find(1), ledger.Cache.Peek(2).Value, ledger.Cache.Peek(1).Value));
    }

    [Fact]
    public async Task Invalidating_leaves_the_source_alone()
    {
        await using var ledger = new Ledger(behind: null);
        await ledger.Set(1, "a");
        Assert.True(await ledger.Cache.InvalidateAsync(1));
        Assert.False(ledger.Cache.Contains(1));
        Assert.Equal("a", await ledger.Cache.GetAsync(1));
    }
}
