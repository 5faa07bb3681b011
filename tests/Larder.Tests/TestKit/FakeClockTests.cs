using Larder.TestKit;

namespace Larder.Tests.TestKit;

public class FakeClockTests
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);
    private readonly FakeClock _clock = new();

    [Fact]
    public void Advance_moves_wall_clock_and_timestamp_together()
    {
        var wall = _clock.GetUtcNow();
        long stamp = _clock.GetTimestamp();
        _clock.Advance(_second);
        Assert.Equal(_second, _clock.GetUtcNow() - wall);
        Assert.Equal(_second, _clock.GetElapsedTime(stamp));
        Assert.Equal(10_000_000, _clock.TimestampFrequency);
    }

    [Fact]
    public void Steps_move_one_reading_and_fire_nothing()
    {
        int fired = 0;
        using var timer = _clock.CreateTimer(_ => fired++, null, _second, Timeout.InfiniteTimeSpan);
        var wall = _clock.GetUtcNow();
        long stamp = _clock.GetTimestamp();
        _clock.StepWallClock(TimeSpan.FromHours(1));
        Assert.Equal(stamp, _clock.GetTimestamp());
        _clock.StepTimestamp(TimeSpan.FromHours(-1));
        Assert.Equal(TimeSpan.FromHours(1), _clock.GetUtcNow() - wall);
        Assert.Equal(TimeSpan.FromHours(-1), _clock.GetElapsedTime(stamp));
        Assert.Equal(0, fired);
        _clock.Advance(_second);
        Assert.Equal(1, fired);
    }

    [Fact]
    public void Timers_fire_in_due_order_and_see_their_own_time()
    {
        var start = _clock.GetUtcNow();
        List<(string, double)> fired = [];
        void Arm(string name, int seconds) => _clock.CreateTimer(
            _ => fired.Add((name, (_clock.GetUtcNow() - start).TotalSeconds)), null, seconds * _second, Timeout.InfiniteTimeSpan);
        Arm("late", 3);
        Arm("early", 1);
        Arm("tie", 3);
        _clock.Advance(10 * _second);
        Assert.Equal([("early", 1), ("late", 3), ("tie", 3)], fired);
        Assert.Equal(10 * _second, _clock.GetUtcNow() - start);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public void A_periodic_timer_fires_every_period_until_disposed()
    {
        int fired = 0;
        var timer = _clock.CreateTimer(_ => fired++, null, _second, 2 * _second);
        _clock.Advance(6 * _second);
        Assert.Equal(3, fired);
        timer.Dispose();
        _clock.Advance(6 * _second);
        Assert.Equal(3, fired);
        Assert.False(timer.Change(_second, _second));
    }

    [Fact]
    public void A_zero_period_means_once_and_a_zero_due_time_the_next_advance()
    {
        int fired = 0;
        using var timer = _clock.CreateTimer(_ => fired++, null, TimeSpan.Zero, TimeSpan.Zero);
        Assert.Equal(0, fired);
        _clock.Advance(TimeSpan.Zero);
        _clock.Advance(_second);
        Assert.Equal(1, fired);
    }

    [Fact]
    public void Callbacks_may_create_change_and_dispose_timers()
    {
        List<string> fired = [];
        ITimer victim = _clock.CreateTimer(_ => fired.Add("victim"), null, 3 * _second, _second);
        ITimer moved = _clock.CreateTimer(_ => fired.Add("moved"), null, Timeout.InfiniteTimeSpan, _second);
        _clock.CreateTimer(_ =>
        {
            victim.Dispose();
            moved.Change(2 * _second, Timeout.InfiniteTimeSpan);
            _clock.CreateTimer(_ => fired.Add("born"), null, _second, Timeout.InfiniteTimeSpan);
        }, null, _second, Timeout.InfiniteTimeSpan);
        _clock.Advance(5 * _second);
        Assert.Equal(["born", "moved"], fired);
    }

    [Fact]
    public async Task A_callback_may_wait_for_another_thread_that_reads_the_clock()
    {
        long seen = 0;
        using var timer = _clock.CreateTimer(
            _ => Task.Run(() => Volatile.Write(ref seen, _clock.GetTimestamp())).Wait(), null, _second, Timeout.InfiniteTimeSpan);
        await Task.Run(() => _clock.Advance(_second), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(_clock.GetTimestamp(), Volatile.Read(ref seen));
    }

    [Fact]
    public async Task Advances_from_many_threads_fire_each_timer_once()
    {
        int fired = 0;
        for (int i = 0; i < 1000; i++)
            _clock.CreateTimer(_ => Interlocked.Increment(ref fired), null, i * TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _clock.Advance(_second))));
        Assert.Equal(1000, fired);
    }

    [Fact]
    public async Task Delays_and_timeouts_of_the_framework_run_on_it()
    {
        var delay = Task.Delay(_second, _clock, TestContext.Current.CancellationToken);
        using var timeout = new CancellationTokenSource(2 * _second, _clock);
        _clock.Advance(_second);
        await delay;
        Assert.False(timeout.IsCancellationRequested);
        _clock.Advance(_second);
        Assert.True(timeout.IsCancellationRequested);
    }

    [Fact]
    public void Negative_times_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(-_second));
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.CreateTimer(_ => { }, null, -_second, _second));
    }

    [Fact]
    public void A_seed_is_read_from_its_text_or_refused()
    {
        Assert.Equal(42, Seeds.From("42"));
        Assert.Null(Seeds.From(" "));
        Assert.Throws<FormatException>(() => Seeds.From("forty-two"));
    }
}
