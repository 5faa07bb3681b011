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
    public async Task Invalidating_leaves_the_source_alone()
    {
        await using var ledger = new Ledger(behind: null);
        await ledger.Set(1, "a");
        Assert.True(await ledger.Cache.InvalidateAsync(1));
        Assert.False(ledger.Cache.Contains(1));
        Assert.Equal("a", await ledger.Cache.GetAsync(1));
    }
}
