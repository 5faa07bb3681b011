namespace Larder.Tests.Loading;

public sealed class FlightTests
{
    [Fact]
    public async Task A_thousand_callers_of_one_cold_key_share_one_load()
    {
        await using var shop = new Shop();
        var gate = shop.Gate();
        var reads = Enumerable.Range(0, 1000).Select(_ => Task.Run(() => shop.Cache.ReadAsync(1).AsTask())).ToArray();
        while (shop.Cache.Statistics.Joins < 999) await Task.Yield();
        gate.SetResult("new");
        var results = await Task.WhenAll(reads);
        Assert.Equal(1, shop.Calls);
        Assert.All(results, r => Assert.Equal((ReadStatus.Miss, "new"), (r.Status, r.Value)));
        Assert.Single(results, r => !r.IsJoined);
        Assert.Equal(1, shop.Cache.Statistics.Loads);
    }

    [Fact]
    public async Task A_caller_who_cancels_leaves_the_load_to_the_others()
    {
        await using var shop = new Shop();
        var gate = shop.Gate();
        using var cancel = new CancellationTokenSource();
        var leader = shop.Cache.GetAsync(1, cancel.Token).AsTask();
        var joiner = shop.Cache.GetAsync(1).AsTask();
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        Assert.Equal(cancel.Token, error.CancellationToken);
        gate.SetResult("new");
        Assert.Equal("new", await joiner);
        Assert.Equal(1, shop.Calls);
    }

    [Fact]
    public async Task A_load_for_which_nobody_waits_is_cancelled_and_the_next_caller_begins_another()
    {
        await using var shop = new Shop();
        var token = CancellationToken.None;
        shop.Answers = async (_, cancel) =>
        {
            token = cancel;
            await Task.Delay(Timeout.Infinite, cancel);
            return "never";
        };
        using var one = new CancellationTokenSource();
        using var two = new CancellationTokenSource();
        var reads = new[] { shop.Cache.GetAsync(1, one.Token).AsTask(), shop.Cache.GetAsync(1, two.Token).AsTask() };
        await one.CancelAsync();
        Assert.False(token.IsCancellationRequested);
        await two.CancelAsync();
        Assert.True(token.IsCancellationRequested);
        foreach (var read in reads) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        shop.Answers = static (_, _) => new("new");
        Assert.Equal("new", await shop.Cache.GetAsync(1));
        Assert.Equal(2, shop.Calls);
        Assert.Equal(1, shop.Cache.Statistics.LoadsCancelled);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_begins_no_load_but_does_not_spoil_a_hit()
    {
        await using var shop = new Shop();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => shop.Cache.GetAsync(1, new(canceled: true)).AsTask());
        Assert.Equal(0, shop.Calls);
        await shop.Cache.SetAsync(1, "set");
        Assert.Equal("set", await shop.Cache.GetAsync(1, new(canceled: true)));
    }

    [Theory]
    [InlineData("set")]
    [InlineData("remove")]
    [InlineData("clear")]
    [InlineData("absent")]
    public async Task What_is_written_or_removed_during_a_load_is_not_undone_by_it(string what)
    {
        await using var shop = new Shop();
        var gate = shop.Gate();
        var read = shop.Cache.GetAsync(1).AsTask();
        switch (what)
        {
            case "set": await shop.Cache.SetAsync(1, "set"); break;
            case "remove": Assert.False(await shop.Cache.RemoveAsync(1)); break;
            case "absent": await shop.Cache.SetAbsentAsync(1); break;
            default: await shop.Cache.ClearAsync(); break;
        }

        gate.SetResult("loaded");
        Assert.Equal("loaded", await read);
        Assert.Equal(what == "set" ? "set" : null, shop.Cache.Peek(1).Value);
        Assert.Equal(1, shop.Cache.Statistics.LoadsSuperseded);
    }

    [Fact]
    public async Task A_reader_who_comes_after_a_removal_does_not_join_the_load_that_began_before_it()
    {
        await using var shop = new Shop();
        var gate = shop.Gate();
        var before = shop.Cache.GetAsync(1).AsTask();
        await shop.Cache.RemoveAsync(1);
        shop.Answers = static (_, _) => new("newer");
        Assert.Equal("newer", await shop.Cache.GetAsync(1));
        gate.SetResult("older");
        Assert.Equal("older", await before);
        Assert.Equal("newer", await shop.Cache.GetAsync(1));
    }

    [Fact]
    public async Task Callers_with_another_loader_never_get_this_one_s_result()
    {
        await using var shop = new Shop();
        var a = new TaskCompletionSource<string>();
        var b = new TaskCompletionSource<string>();
        var first = shop.Cache.GetAsync(1, static (_, t, _) => new(t.Task), a).AsTask();
        var second = shop.Cache.GetAsync(1, static (_, t, _) => new ValueTask<string>(t.Task), b).AsTask();
        Assert.Equal(0, shop.Cache.Statistics.Joins);
        b.SetResult("b");
        Assert.Equal("b", await second);
        a.SetResult("a");
        Assert.Equal("a", await first);
        Assert.Equal("b", shop.Cache.Peek(1).Value);
    }

    [Fact]
    public async Task Callers_with_the_same_lambda_share_a_load_whatever_it_captured()
    {
        await using var shop = new Shop();
        var gate = new TaskCompletionSource<string>();
        int calls = 0;
        Task<string?>[] reads = [.. Enumerable.Range(0, 10).Select(i => shop.Cache.GetAsync(
            1, (_, _, _) =>
            {
                Interlocked.Increment(ref calls);
                return new(gate.Task);
            },
            i).AsTask())];
        gate.SetResult("one");
        Assert.All(await Task.WhenAll(reads), r => Assert.Equal("one", r));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_failure_reaches_everyone_who_waits_unwrapped_and_is_not_kept()
    {
        await using var shop = new Shop();
        var gate = shop.Gate();
        Task<string?>[] reads = [.. Enumerable.Range(0, 10).Select(_ => shop.Cache.GetAsync(1).AsTask())];
        gate.SetException(new TimeZoneNotFoundException("mine"));
        foreach (var read in reads) Assert.Equal("mine", (await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => read)).Message);
        shop.Answers = static (_, _) => new("new");
        Assert.Equal("new", await shop.Cache.GetAsync(1));
        Assert.Equal(2, shop.Calls);
    }

    [Fact]
    public async Task A_loader_that_throws_at_once_harms_only_its_call()
    {
        await using var shop = new Shop();
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException();
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.GetAsync(1).AsTask());
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.ReadAsync(1).AsTask());
        Assert.Equal(2, shop.Calls);
        Assert.Empty(shop.Cache.Loads.Core.Shards.All[0].Claimed());
    }

    [Fact]
    public async Task A_loader_may_read_other_keys()
    {
        await using var shop = new Shop();
        shop.Answers = async (request, cancel) => request.Key == 0 ? "0" : request.Key + await shop.Cache.GetAsync(request.Key - 1, cancel);
        Assert.Equal("543210", await shop.Cache.GetAsync(5));
    }

    [Fact]
    public async Task A_weigher_that_throws_over_what_was_loaded_fails_the_load_and_leaves_nothing_behind()
    {
        await using var shop = new Shop(o => o with { Memory = o.Memory with { Weigher = static (_, _) => throw new TimeZoneNotFoundException() } });
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.GetAsync(1).AsTask());
        await shop.Quiet();
        Assert.Equal(0, shop.Cache.Count);
    }

    [Fact]
    public async Task Disposal_gives_up_what_is_under_way_and_refuses_later_calls()
    {
        var shop = new Shop();
        var token = CancellationToken.None;
        shop.Answers = async (_, cancel) =>
        {
            token = cancel;
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return "never";
        };
        var read = shop.Cache.GetAsync(1).AsTask();
        await shop.Cache.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        Assert.True(token.IsCancellationRequested);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => shop.Cache.GetAsync(2).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => shop.Cache.SetAsync(2, "x").AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => shop.Cache.ReadManyAsync([1]).AsTask());
        await shop.Cache.DisposeAsync();
    }

    [Fact]
    public async Task A_loader_that_ignores_its_token_is_abandoned_and_its_late_result_discarded()
    {
        await using var shop = new Shop(o => o with { Failure = o.Failure with { HardTimeout = TimeSpan.FromSeconds(1), MaxAbandoned = 2 } });
        var gate = new TaskCompletionSource<Loaded<string>>();
        shop.Answers = (_, _) => new(gate.Task);
        for (int key = 0; key < 2; key++)
        {
            var read = shop.Cache.GetAsync(key).AsTask();
            shop.Clock.Advance(TimeSpan.FromSeconds(1));
            await Assert.ThrowsAsync<TimeoutException>(() => read);
        }

        Assert.Equal(2, shop.Cache.AbandonedLoads);
        await Assert.ThrowsAsync<InvalidOperationException>(() => shop.Cache.GetAsync(9).AsTask());
        Assert.Equal(2, shop.Calls);
        gate.SetResult("late");
        while (shop.Cache.AbandonedLoads > 0) await Task.Yield();
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(0).Status);
        shop.Answers = static (_, _) => new("new");
        Assert.Equal("new", await shop.Cache.GetAsync(0));
    }
}
