namespace Larder.Tests.Loading;

public sealed class RefreshTests
{
    [Fact]
    public async Task A_stale_value_is_served_at_once_and_refreshed_once_however_many_read_it()
    {
        await using var shop = new Shop();
        await shop.Age(1, 11);
        var gate = shop.Gate();
        for (int i = 0; i < 100_000; i++)
        {
            var read = shop.Cache.GetAsync(1);
            Assert.True(read.IsCompletedSuccessfully);
            Assert.Equal("old", await read);
        }

        gate.SetResult("new");
        await shop.Quiet();
        Assert.Equal("new", await shop.Cache.GetAsync(1));
        Assert.Equal(1, shop.Calls);
        var done = shop.Cache.Statistics;
        Assert.Equal((1, 100_000, 1), (done.RefreshesStarted, done.StaleHits, done.Hits));
    }

    [Fact]
    public async Task A_write_during_a_refresh_is_not_undone_by_it()
    {
        await using var shop = new Shop();
        await shop.Age(1, 11);
        var gate = shop.Gate();
        Assert.Equal("old", await shop.Cache.GetAsync(1));
        await shop.Cache.SetAsync(1, "written");
        gate.SetResult("refreshed");
        await shop.Quiet();
        Assert.Equal("written", await shop.Cache.GetAsync(1));
    }

    [Fact]
    public async Task A_removal_during_a_refresh_is_not_undone_by_it()
    {
        await using var shop = new Shop();
        await shop.Age(1, 11);
        var gate = shop.Gate();
        Assert.Equal("old", await shop.Cache.GetAsync(1));
        Assert.True(await shop.Cache.RemoveAsync(1));
        gate.SetResult("refreshed");
        await shop.Quiet();
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(1, includesExpired: true).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_refresh_keeps_or_drops_the_value_and_never_makes_it_look_fresh(bool drops)
    {
        await using var shop = new Shop(o => o with { Refresh = o.Refresh with { DropsOnError = drops } });
        await shop.Age(1, 11);
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException();
        Assert.Equal((ReadStatus.Stale, "memory"), (await shop.Cache.ReadAsync(1)) is var read ? (read.Status, read.Tier) : default);
        await shop.Quiet();
        Assert.Equal(drops ? ReadStatus.Miss : ReadStatus.Stale, shop.Cache.Peek(1).Status);
        Assert.Equal(1, shop.Cache.Statistics.RefreshFailures);
        Assert.Equal(drops ? 1 : 0, shop.Cache.Statistics.RemovalsBy(RemovalCause.RefreshDropped));
    }

    [Fact]
    public async Task A_failed_refresh_is_not_tried_again_before_its_back_off_is_over()
    {
        await using var shop = new Shop(o => o with { Failure = new() { Backoff = new() { First = TimeSpan.FromSeconds(2), Jitter = 0 } } });
        await shop.Age(1, 11);
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal("old", await shop.Cache.GetAsync(1));
            await shop.Quiet();
        }

        Assert.Equal(1, shop.Calls);
        shop.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("old", await shop.Cache.GetAsync(1));
        await shop.Quiet();
        Assert.Equal(2, shop.Calls);
    }

    [Fact]
    public async Task Refresh_ahead_begins_below_its_fraction_of_the_stored_lifetime()
    {
        await using var shop = new Shop(o => o with { Refresh = o.Refresh with { AheadBelow = 0.2 } });
        await shop.Age(1, 7);
        Assert.Equal(ReadStatus.Hit, (await shop.Cache.ReadAsync(1)).Status);
        Assert.Equal(0, shop.Cache.Statistics.RefreshesStarted);
        shop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((ReadStatus.Hit, "old"), (await shop.Cache.ReadAsync(1)) is var r ? (r.Status, r.Value) : default);
        await shop.Quiet();
        Assert.Equal((ReadStatus.Hit, "new"), (await shop.Cache.ReadAsync(1)) is var s ? (s.Status, s.Value) : default);
        Assert.Equal(1, shop.Calls);
    }

    [Fact]
    public async Task Early_refresh_comes_as_early_as_the_exponential_of_the_load_time_says()
    {
        // Loading takes 1 s, the factor is 1: at r seconds before the end a read refreshes with probability e^-r.
        int early = 0, reads = 0;
        var random = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            await using var shop = new Shop(o => o with { Refresh = o.Refresh with { EarlyFactor = 1, Source = random } });
            var gate = shop.Gate();
            var read = shop.Cache.GetAsync(1).AsTask();
            shop.Clock.Advance(TimeSpan.FromSeconds(1));
            gate.SetResult("old");
            await read;
            await shop.Quiet();
            Assert.Equal(TimeSpan.FromSeconds(1), shop.Cache.Peek(1).LoadTime);
            shop.Clock.Advance(TimeSpan.FromSeconds(8));
            await shop.Cache.GetAsync(1);
            reads++;
            early += (int)shop.Cache.Statistics.RefreshesStarted;
            await shop.Quiet();
        }

        // e^-2 is 0.135; four standard deviations are 0.031.
        Assert.InRange((double)early / reads, 0.104, 0.167);
    }

    [Fact]
    public async Task Linear_refresh_grows_more_likely_towards_the_end_of_the_fresh_life()
    {
        var random = new Random(7);
        var early = new int[10];
        for (int round = 0; round < 3000; round++)
        {
            int second = round % 10;
            await using var shop = new Shop(o => o with { Refresh = o.Refresh with { LinearFrom = 0.5, Source = random } });
            await shop.Age(1, second);
            await shop.Cache.GetAsync(1);
            early[second] += (int)shop.Cache.Statistics.RefreshesStarted;
            await shop.Quiet();
        }

        // Of 300 at each second: none up to the middle, then 20 % more with each second; four standard deviations are 35.
        Assert.All(early[..6], count => Assert.Equal(0, count));
        for (int second = 6; second < 10; second++) Assert.InRange(early[second], (second - 5) * 60 - 35, (second - 5) * 60 + 35);
    }

    [Fact]
    public async Task Refreshes_beyond_the_limit_are_refused_counted_and_asked_for_again_by_a_later_read()
    {
        await using var shop = new Shop(o => o with { Refresh = o.Refresh with { MaxConcurrent = 2 } });
        for (int key = 0; key < 5; key++) await shop.Cache.SetAsync(key, "old");
        shop.Clock.Advance(TimeSpan.FromSeconds(11));
        var gate = shop.Gate();
        for (int key = 0; key < 5; key++) Assert.Equal("old", await shop.Cache.GetAsync(key));
        Assert.Equal((2, 3), shop.Cache.Statistics is var s ? (s.RefreshesStarted, s.RefreshesRefused) : default);
        gate.SetResult("new");
        await shop.Quiet();
        for (int round = 0; round < 3; round++)
        {
            for (int key = 0; key < 5; key++) await shop.Cache.GetAsync(key);
            await shop.Quiet();
        }

        for (int key = 0; key < 5; key++) Assert.Equal("new", shop.Cache.Peek(key).Value);
        Assert.Equal(5, shop.Calls);
    }

    [Fact]
    public async Task Refreshes_in_line_run_in_their_turn_and_never_more_at_once_than_the_limit()
    {
        await using var shop = new Shop(o => o with { Refresh = o.Refresh with { MaxConcurrent = 2, MaxWaiting = 100 } });
        for (int key = 0; key < 50; key++) await shop.Cache.SetAsync(key, "old");
        shop.Clock.Advance(TimeSpan.FromSeconds(11));
        int running = 0, most = 0;
        shop.Answers = async (_, _) =>
        {
            int now = Interlocked.Increment(ref running);
            lock (shop) most = Math.Max(most, now);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return "new";
        };
        for (int key = 0; key < 50; key++) Assert.Equal("old", await shop.Cache.GetAsync(key));
        await shop.Quiet();
        Assert.Equal(50, shop.Calls);
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Loaders_of_their_own_refresh_and_the_cache_s_load()
    {
        await using var shop = new Shop(o => o with { Refresh = o.Refresh with { Loaders = [Loader.For<int, string>(static (_, _) => new("refreshed"))] } });
        Assert.Equal("new", await shop.Cache.GetAsync(1));
        shop.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("new", await shop.Cache.GetAsync(1));
        await shop.Quiet();
        Assert.Equal("refreshed", await shop.Cache.GetAsync(1));
        Assert.Equal(1, shop.Calls);
    }

    [Fact]
    public async Task A_loader_that_answers_not_modified_starts_the_old_value_s_life_anew()
    {
        await using var shop = new Shop();
        shop.Answers = static (_, _) => new(new Loaded<string>("v1") { Tag = "etag-1" });
        await shop.Cache.GetAsync(1);
        LoadRequest<int, string> seen = default;
        shop.Answers = (request, _) =>
        {
            seen = request;
            return new(Loaded<string>.NotModified);
        };
        shop.Clock.Advance(TimeSpan.FromSeconds(25));
        var read = await shop.Cache.ReadAsync(1);
        Assert.Equal((ReadStatus.Expired, "v1"), (read.Status, read.Value));
        Assert.Equal(("v1", "etag-1", TimeSpan.FromSeconds(25), false), (seen.Old.Value, seen.Old.Tag, seen.Age, seen.IsRefresh));
        Assert.Equal(TimeSpan.FromSeconds(10), shop.Cache.Peek(1).FreshFor);
        await Assert.ThrowsAsync<InvalidOperationException>(() => shop.Cache.GetAsync(2).AsTask());
    }

    [Fact]
    public async Task RefreshAsync_loads_anew_what_is_fresh_and_says_what_came_of_it()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "old");
        Assert.Equal("new", (await shop.Cache.RefreshAsync(1)).Value);
        Assert.Equal("new", shop.Cache.Peek(1).Value);
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException();
        var failed = await shop.Cache.RefreshAsync(1);
        Assert.Equal((ReadStatus.Fallback, "new"), (failed.Status, failed.Value));
        Assert.IsType<TimeZoneNotFoundException>(failed.Error);
        Assert.Equal(ReadStatus.Hit, (await shop.Cache.ReadAsync(1)).Status);
    }

    [Fact]
    public async Task The_loader_runs_with_what_the_first_reader_had_about_it()
    {
        var ambient = new AsyncLocal<string>();
        await using var shop = new Shop();
        var seen = new TaskCompletionSource<string?>();
        shop.Answers = (_, _) =>
        {
            seen.SetResult(ambient.Value);
            return new("new");
        };
        await shop.Age(1, 11);
        ambient.Value = "mine";
        await shop.Cache.GetAsync(1);
        Assert.Equal("mine", await seen.Task);
    }

    [Fact]
    public async Task A_zero_fresh_life_is_born_stale()
    {
        await using var shop = new Shop(o => o with { Memory = o.Memory with { Lifetime = new() { Fresh = TimeSpan.Zero, Stale = TimeSpan.FromSeconds(10) } } });
        Assert.Equal(ReadStatus.Miss, (await shop.Cache.ReadAsync(1)).Status);
        Assert.Equal(ReadStatus.Stale, (await shop.Cache.ReadAsync(1)).Status);
        await shop.Quiet();
        Assert.Equal(2, shop.Calls);
    }

    [Fact]
    public async Task A_remembered_absence_is_served_until_its_life_is_over()
    {
        await using var shop = new Shop(o => o with { Memory = o.Memory with { Absent = new() { Capacity = 10, Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(3)) } } });
        shop.Answers = static (_, _) => new(Loaded<string>.Absent);
        Assert.Equal((ReadStatus.Absent, false), (await shop.Cache.ReadAsync(1)) is var r ? (r.Status, r.HasValue) : default);
        Assert.Equal(ReadStatus.Absent, (await shop.Cache.ReadAsync(1)).Status);
        Assert.Null(await shop.Cache.GetAsync(1));
        Assert.Equal(1, shop.Calls);
        Assert.Equal(0, shop.Cache.Count);
        shop.Clock.Advance(TimeSpan.FromSeconds(3));
        await shop.Cache.GetAsync(1);
        Assert.Equal(2, shop.Calls);
    }

    [Fact]
    public async Task Absences_are_not_remembered_when_told_so_and_still_end_the_old_value()
    {
        await using var shop = new Shop(o => o with { RemembersAbsent = false });
        await shop.Age(1, 11);
        shop.Answers = static (_, _) => new(Loaded<string>.Absent);
        Assert.Equal("old", await shop.Cache.GetAsync(1));
        await shop.Quiet();
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(1, includesExpired: true).Status);
        await shop.Cache.GetAsync(1);
        await shop.Cache.GetAsync(1);
        Assert.Equal(3, shop.Calls);
    }
}
