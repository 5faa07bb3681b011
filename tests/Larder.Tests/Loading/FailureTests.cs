namespace Larder.Tests.Loading;

public sealed class FailureTests
{
    [Fact]
    public async Task After_the_soft_timeout_the_old_value_is_served_and_the_load_goes_on_behind()
    {
        await using var shop = new Shop(o => o with { Failure = o.Failure with { SoftTimeout = TimeSpan.FromSeconds(1), HardTimeout = TimeSpan.FromSeconds(5) } });
        await shop.Age(1, 21);
        int timers = shop.Clock.ArmedTimers;
        var gate = shop.Gate();
        var read = shop.Cache.ReadAsync(1).AsTask();
        Assert.Equal(timers + 2, shop.Clock.ArmedTimers);
        shop.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((ReadStatus.Fallback, "old"), (await read) is var r ? (r.Status, r.Value) : default);

        // Who comes later does not wait at all.
        var later = shop.Cache.ReadAsync(1);
        Assert.True(later.IsCompletedSuccessfully);
        Assert.Equal(ReadStatus.Fallback, (await later).Status);
        gate.SetResult("new");
        await shop.Quiet();
        Assert.Equal("new", await shop.Cache.GetAsync(1));
        Assert.Equal(1, shop.Calls);
        Assert.Equal(timers, shop.Clock.ArmedTimers);
    }

    [Fact]
    public async Task Who_has_nothing_to_fall_back_on_waits_beyond_the_soft_timeout()
    {
        await using var shop = new Shop(o => o with { Failure = o.Failure with { SoftTimeout = TimeSpan.FromSeconds(1) } });
        var gate = shop.Gate();
        var read = shop.Cache.GetAsync(1).AsTask();
        shop.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.False(read.IsCompleted);
        gate.SetResult("new");
        Assert.Equal("new", await read);
    }

    [Fact]
    public async Task Without_fallback_an_expired_value_is_not_served()
    {
        await using var shop = new Shop(o => o with { Failure = o.Failure with { UsesFallback = false } });
        await shop.Age(1, 21);
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException();
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.GetAsync(1).AsTask());
    }

    [Fact]
    public async Task A_failed_key_is_left_alone_for_its_back_off_which_grows_and_ends_with_a_success()
    {
        await using var shop = new Shop(o => o with { Failure = new() { Backoff = new() { First = TimeSpan.FromSeconds(1), Most = TimeSpan.FromSeconds(4), Jitter = 0 } } });
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException();
        int[] callsBySecond = new int[12];
        for (int second = 0; second < callsBySecond.Length; second++)
        {
            int before = shop.Calls;
            for (int i = 0; i < 10; i++) await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.GetAsync(1).AsTask());
            callsBySecond[second] = shop.Calls - before;
            shop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1], callsBySecond);
        shop.Answers = static (_, _) => new("new");
        shop.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("new", await shop.Cache.GetAsync(1));
        Assert.Equal("new", await shop.Cache.GetAsync(1));
    }

    [Fact]
    public async Task A_write_ends_a_key_s_back_off()
    {
        await using var shop = new Shop(o => o with { Failure = new() });
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException();
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.GetAsync(1).AsTask());
        await shop.Cache.SetAsync(1, "set");
        await shop.Cache.RemoveAsync(1);
        shop.Answers = static (_, _) => new("new");
        Assert.Equal("new", await shop.Cache.GetAsync(1));
    }

    [Fact]
    public async Task A_failure_of_one_call_s_loader_does_not_keep_another_loader_from_being_asked()
    {
        await using var shop = new Shop(o => o with { Failure = new() });
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.GetAsync(1, static (_, _, _) => throw new TimeZoneNotFoundException(), 0).AsTask());
        Assert.Equal("new", await shop.Cache.GetAsync(1));
    }

    /// <summary>Ten thousand reads a second of 100 expired keys and 100 unknown ones, for a minute, while every load fails.</summary>
    [Theory]
    [InlineData(false, 1600)] // 200 keys, after 0, 1, 3, 7, 15, 31 s and what the jitter brings forward.
    [InlineData(true, 25)] // Five calls open the breaker, and after each 10 s one probe of three keeps it open.
    public async Task A_dead_source_is_asked_at_most_so_often_in_a_minute_of_ten_thousand_reads_a_second(bool hasBreaker, int mostCalls)
    {
        await using var shop = new Shop(o => o with
        {
            Memory = o.Memory with { Lifetime = new() { Fresh = TimeSpan.FromSeconds(1), Fallback = TimeSpan.FromHours(1) } },
            Failure = new()
            {
                Backoff = new() { Most = TimeSpan.FromSeconds(30) },
                Breaker = hasBreaker ? new(new() { OpenDuration = TimeSpan.FromSeconds(10), TimeProvider = o.Memory.TimeProvider }) : null,
            },
        });
        for (int key = 0; key < 100; key++) await shop.Cache.SetAsync(key, "old");
        shop.Clock.Advance(TimeSpan.FromSeconds(2));
        shop.Answers = static (_, _) => ValueTask.FromException<Loaded<string>>(new TimeZoneNotFoundException());
        for (int tick = 0; tick < 600; tick++)
        {
            for (int i = 0; i < 1000; i++)
            {
                int key = i % 100;
                var read = shop.Cache.GetAsync(key);
                Assert.True(read.IsCompletedSuccessfully, "a reader with a fallback waited, or got an exception");
                Assert.Equal("old", await read);
            }

            for (int key = 100; key < 200; key += 10) await Assert.ThrowsAnyAsync<Exception>(() => shop.Cache.GetAsync(key).AsTask());
            shop.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{shop.Calls} calls of the source in 60 s of 10,000 reads/s");
        Assert.InRange(shop.Calls, 5, mostCalls);
        Assert.Equal(600_000, shop.Cache.Statistics.Fallbacks);
    }
}
