using Larder.TestKit;
using Larder.Tests.Loading;
using Larder.Warming;

namespace Larder.Tests.Warming;

public sealed class WarmingTests
{
    [Fact]
    public async Task A_cache_starts_with_its_values_and_its_absences()
    {
        await using var shop = Warmed(new() { AtStart = static _ => new(new WarmUp<int, string> { Values = new Dictionary<int, string> { [1] = "one" }, Absent = [2] }) });
        await shop.Cache.StartAsync();
        Assert.Equal("one", await shop.Cache.GetAsync(1));
        Assert.Equal(ReadStatus.Absent, (await shop.Cache.ReadAsync(2)).Status);
        Assert.Equal(0, shop.Calls);
    }

    [Fact]
    public async Task Keys_that_the_cache_calls_equal_are_loaded_once()
    {
        var clock = new FakeClock();
        var loaded = new List<string>();
        var reported = new TaskCompletionSource<WarmProgress>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cache = new LoadingCache<string, string>(
            (key, _) =>
            {
                lock (loaded) loaded.Add(key);
                return new(key);
            },
            new()
            {
                Memory = new() { Comparer = StringComparer.OrdinalIgnoreCase, TimeProvider = clock },
                Warming = new()
                {
                    Scheduled = [new() { When = Schedule.Every(TimeSpan.FromMinutes(1)), Keys = static _ => new(["a", "A", "b"]) }],
                    Progress = new Reported(reported),
                },
            });
        await cache.StartAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new WarmProgress(2, 0, 2), await reported.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(["a", "b"], loaded.Order());
    }

    [Fact]
    public void Keys_that_are_read_in_a_fixed_order_are_all_learnt()
    {
        var clock = new FakeClock();
        var hours = new HotHours<int>(new() { OneOf = 16 }, EqualityComparer<int>.Default, clock);
        for (int i = 0; i < 16_000; i++) hours.Record(i % 16);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Enumerable.Range(0, 16), hours.Expected(clock.GetUtcNow() + TimeSpan.FromHours(23)).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failing_source_stops_the_start_only_if_asked_to(bool failsStart)
    {
        await using var shop = Warmed(new() { AtStart = static _ => throw new TimeZoneNotFoundException(), FailsStart = failsStart });
        if (failsStart) await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.StartAsync().AsTask());
        else await shop.Cache.StartAsync();
        Assert.Equal("new", await shop.Cache.GetAsync(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_start_waits_no_longer_than_it_may_even_for_a_source_that_ignores_its_token(bool failsStart)
    {
        var late = new TaskCompletionSource<WarmUp<int, string>>();
        await using var shop = Warmed(new() { AtStart = _ => new(late.Task), StartTimeout = TimeSpan.FromSeconds(3), FailsStart = failsStart });
        var start = shop.Cache.StartAsync().AsTask();
        Assert.False(start.IsCompleted);
        shop.Clock.Advance(TimeSpan.FromSeconds(3));
        if (failsStart) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        else await start;
        late.SetResult(new() { Values = new Dictionary<int, string> { [1] = "late" } });
        Assert.Equal("new", await shop.Cache.GetAsync(1));
    }

    [Fact]
    public async Task What_is_written_or_removed_while_a_warm_up_runs_is_not_overwritten_by_it()
    {
        var gate = new TaskCompletionSource<WarmUp<int, string>>();
        await using var shop = Warmed(new() { AtStart = _ => new(gate.Task) });
        await shop.Cache.SetAsync(3, "before");
        var start = shop.Cache.StartAsync().AsTask();
        await shop.Cache.SetAsync(1, "during");
        await shop.Cache.SetAsync(2, "x");
        await shop.Cache.RemoveAsync(2);
        gate.SetResult(new() { Values = Enumerable.Range(1, 4).ToDictionary(k => k, _ => "warm") });
        await start;
        Assert.Equal(["during", null, "warm", "warm"], Enumerable.Range(1, 4).Select(key => shop.Cache.Peek(key).Value));
    }

    [Fact]
    public async Task A_late_event_does_not_overwrite_what_is_newer()
    {
        await using var shop = new Shop();
        long asOf = shop.Cache.Version;
        Assert.True(shop.Cache.Offer(1, "first", asOf));
        long later = shop.Cache.Version;
        Assert.True(shop.Cache.Offer(1, "second", later));
        Assert.False(shop.Cache.Offer(1, "late", asOf));
        Assert.Equal("second", shop.Cache.Peek(1).Value);
        await shop.Cache.RemoveAsync(1);
        Assert.False(shop.Cache.Offer(1, "later still", later));
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(1).Status);
    }

    [Fact]
    public async Task An_offer_leaves_a_load_under_way_its_say()
    {
        await using var shop = new Shop();
        var gate = shop.Gate();
        var read = shop.Cache.GetAsync(1).AsTask();
        Assert.True(shop.Cache.Offer(1, "offered", shop.Cache.Version));
        gate.SetResult("loaded");
        Assert.Equal("loaded", await read);
        Assert.Equal("loaded", shop.Cache.Peek(1).Value);
    }

    [Fact]
    public async Task Keys_are_loaded_if_they_are_not_fresh_failures_are_counted_and_progress_is_told()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "fresh");
        await shop.Cache.SetAbsentAsync(2);
        shop.Answers = static (request, _) => request.Key == 5 ? throw new TimeZoneNotFoundException() : new("new");
        var told = new Told();
        var done = await shop.Cache.WarmAsync([1, 2, 3, 4, 5, 3], told);
        Assert.Equal(new WarmProgress(4, 1, 5), done);
        Assert.Equal([done], told.All);
        Assert.Equal([3, 4, 5], shop.Asked.Order());
        Assert.Equal("new", shop.Cache.Peek(4).Value);
    }

    [Fact]
    public async Task A_schedule_loads_what_would_not_stay_fresh_until_the_run_after_so_that_there_is_no_gap()
    {
        var runs = new Told();
        await using var shop = Warmed(new()
        {
            Scheduled = [new() { When = Schedule.Every(TimeSpan.FromSeconds(8)), Keys = static _ => new([1, 2]) }],
            Progress = runs,
        });
        await shop.Cache.StartAsync();
        for (int run = 1; run <= 5; run++)
        {
            await Pass(shop.Clock, TimeSpan.FromSeconds(8), () => runs.All.Count == run);
            Assert.Equal((ReadStatus.Hit, ReadStatus.Hit), (shop.Cache.Peek(1).Status, shop.Cache.Peek(2).Status));
        }

        Assert.Equal(10, shop.Calls);
    }

    [Fact]
    public async Task Runs_do_not_overlap_one_that_fails_is_followed_by_the_next_and_disposal_ends_them()
    {
        int running = 0, most = 0, runs = 0;
        var shop = Warmed(new()
        {
            Scheduled = [new()
            {
                When = Schedule.Every(TimeSpan.FromSeconds(1)),
                Values = async cancel =>
                {
                    most = Math.Max(most, Interlocked.Increment(ref running));

                    // A run is over when it is told so: what comes after, on whatever thread, is no run any more.
                    await using var end = cancel.Register(() => Interlocked.Decrement(ref running));
                    if (Interlocked.Increment(ref runs) % 2 == 0)
                    {
                        if (end.Unregister()) Interlocked.Decrement(ref running);
                        throw new TimeZoneNotFoundException();
                    }

                    await Task.Delay(Timeout.Infinite, cancel);
                    return new();
                },
                Timeout = TimeSpan.FromSeconds(5),
            }],
        });
        await shop.Cache.StartAsync();
        await Pass(shop.Clock, TimeSpan.FromSeconds(1), () => runs >= 6);
        Assert.Equal(1, most);
        await shop.DisposeAsync();
        Assert.Equal(0, running);
    }

    [Fact]
    public async Task Keys_that_were_hot_at_this_hour_yesterday_or_last_week_are_loaded_before_it()
    {
        await using var shop = new Shop(o => o with
        {
            Memory = o.Memory with { Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(30)) },
            Warming = new() { Predicted = new() { KeysPerHour = 3, OneOf = 1, Ahead = TimeSpan.FromMinutes(5) } },
        });
        await shop.Cache.StartAsync();

        // On Thursday, 1 January at 9 o'clock keys 1, 2, 3 are hot; at 10 key 7 is.
        await Until(shop.Clock, new(2026, 1, 1, 9, 30, 0, TimeSpan.Zero));
        foreach (int key in new[] { 1, 2, 3, 1, 2, 3, 9 }) await shop.Cache.GetAsync(key);
        await Until(shop.Clock, new(2026, 1, 1, 10, 30, 0, TimeSpan.Zero));
        await shop.Cache.GetAsync(7);

        // On Friday they are there before 9, and before 10 the other.
        await Until(shop.Clock, new(2026, 1, 2, 8, 54, 0, TimeSpan.Zero));
        int before = shop.Calls;
        await Until(shop.Clock, new(2026, 1, 2, 8, 56, 0, TimeSpan.Zero));
        while (shop.Calls < before + 3) await Task.Yield();
        await shop.Quiet();
        Assert.Equal([1, 2, 3], shop.Asked.Skip(before).Order());
        Assert.Equal(ReadStatus.Hit, shop.Cache.Peek(2).Status);
        await Until(shop.Clock, new(2026, 1, 2, 9, 56, 0, TimeSpan.Zero));
        while (shop.Calls < before + 4) await Task.Yield();
        Assert.Equal(7, shop.Asked[^1]);
    }

    [Fact]
    public void What_is_learnt_is_bounded_and_the_hottest_come_first()
    {
        var clock = new FakeClock();
        var hours = new HotHours<int>(new() { KeysPerHour = 10, OneOf = 1 }, EqualityComparer<int>.Default, clock);
        for (int i = 0; i < 10_000; i++)
        {
            hours.Record(i);
            hours.Record(-1 - i % 4);
        }

        var expected = hours.Expected(clock.GetUtcNow() + TimeSpan.FromDays(1));
        Assert.Empty(expected);
        clock.Advance(TimeSpan.FromHours(1));
        expected = hours.Expected(clock.GetUtcNow() + TimeSpan.FromHours(23));
        Assert.Equal(10, expected.Count);
        Assert.Equal([-4, -3, -2, -1], expected.Take(4).Order());
        Assert.Empty(hours.Expected(clock.GetUtcNow() + TimeSpan.FromHours(5)));
    }

    [Fact]
    public void Faults_of_the_options_are_named()
    {
        var error = Assert.Throws<ArgumentException>(() => new LoadingCache<int, string>(new LoadingCacheOptions<int, string>
        {
            Warming = new() { StartTimeout = TimeSpan.Zero, Scheduled = [new() { When = Schedule.Every(TimeSpan.FromSeconds(1)) }], Predicted = new() { Ahead = TimeSpan.FromHours(2) } },
        }));
        foreach (string fault in new[] { "Warming.StartTimeout is 00:00:00", "Warming.Scheduled[0] has neither of Values and Keys", "Warming.Predicted.Ahead is 02:00:00" })
            Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    private static Shop Warmed(WarmingOptions<int, string> warming) => new(o => o with { Warming = warming });

    // Lets time pass in steps, with turns for what they wake, until the condition holds.
    private static async Task Pass(FakeClock clock, TimeSpan step, Func<bool> until)
    {
        while (!until())
        {
            clock.Advance(step);
            for (int turn = 0; turn < 1000 && !until(); turn++) await Task.Yield();
        }
    }

    // In steps in which the background work can set its next timer.
    private static async Task Until(FakeClock clock, DateTimeOffset time)
    {
        while (clock.GetUtcNow() < time)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            for (int turn = 0; turn < 100; turn++) await Task.Yield();
        }
    }

    private sealed class Told : IProgress<WarmProgress>
    {
        private readonly List<WarmProgress> _all = [];

        public IReadOnlyList<WarmProgress> All { get { lock (_all) return [.. _all]; } }

        public void Report(WarmProgress value)
        {
            lock (_all) _all.Add(value);
        }
    }

    private sealed class Reported(TaskCompletionSource<WarmProgress> first) : IProgress<WarmProgress>
    {
        public void Report(WarmProgress value) => first.TrySetResult(value);
    }
}
