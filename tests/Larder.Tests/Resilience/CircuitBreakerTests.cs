using Larder.Resilience;
using Larder.TestKit;

namespace Larder.Tests.Resilience;

public sealed class CircuitBreakerTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void It_opens_after_as_many_failures_in_a_row_as_it_is_told()
    {
        var breaker = Build();
        for (int i = 0; i < 4; i++) End(breaker, BreakerOutcome.Failure);
        End(breaker, BreakerOutcome.Success);
        for (int i = 0; i < 4; i++) End(breaker, BreakerOutcome.Failure);
        End(breaker, BreakerOutcome.Neutral);
        Assert.Equal(BreakerState.Closed, breaker.State);
        End(breaker, BreakerOutcome.Failure);
        Assert.Equal(BreakerState.Open, breaker.State);
        Assert.False(breaker.TryEnter(out _));
        Assert.Equal(TimeSpan.FromSeconds(30), breaker.RetryAfter);
    }

    [Fact]
    public void After_its_time_it_tries_a_few_and_closes_when_they_succeed()
    {
        var breaker = Opened();
        _clock.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(breaker.TryEnter(out _));
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        var passes = Enumerable.Range(0, 3).Select(_ => Enter(breaker)).ToArray();
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        Assert.False(breaker.TryEnter(out _));
        breaker.Leave(passes[0], BreakerOutcome.Success);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        breaker.Leave(passes[1], BreakerOutcome.Success);
        Assert.Equal(BreakerState.Closed, breaker.State);

        // What was let pass while it was half open counts for nothing now.
        breaker.Leave(passes[2], BreakerOutcome.Failure);
        for (int i = 0; i < 4; i++) End(breaker, BreakerOutcome.Failure);
        Assert.Equal(BreakerState.Closed, breaker.State);
    }

    [Fact]
    public void A_failed_try_opens_it_for_its_whole_time_again()
    {
        var breaker = Opened();
        _clock.Advance(TimeSpan.FromSeconds(30));
        End(breaker, BreakerOutcome.Failure);
        Assert.Equal((BreakerState.Open, TimeSpan.FromSeconds(30)), (breaker.State, breaker.RetryAfter));
    }

    [Fact]
    public void A_cancelled_try_gives_its_place_back_and_says_nothing()
    {
        var breaker = Opened();
        _clock.Advance(TimeSpan.FromSeconds(30));
        for (int i = 0; i < 100; i++) End(breaker, BreakerOutcome.Neutral);
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
    }

    [Fact]
    public void A_late_failure_does_not_push_the_retry_away()
    {
        var breaker = Build();
        var late = Enter(breaker);
        for (int i = 0; i < 5; i++) End(breaker, BreakerOutcome.Failure);
        _clock.Advance(TimeSpan.FromSeconds(20));
        breaker.Leave(late, BreakerOutcome.Failure);
        Assert.Equal(TimeSpan.FromSeconds(10), breaker.RetryAfter);
    }

    [Fact]
    public void Isolated_it_lets_nothing_pass_until_it_is_reset_and_tries_under_way_do_not_matter()
    {
        var breaker = Opened();
        _clock.Advance(TimeSpan.FromSeconds(30));
        var tried = Enter(breaker);
        breaker.Isolate();
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.False(breaker.TryEnter(out _));
        Assert.Equal(TimeSpan.MaxValue, breaker.RetryAfter);
        breaker.Reset();
        breaker.Leave(tried, BreakerOutcome.Failure);
        Assert.Equal(BreakerState.Closed, breaker.State);
        Assert.True(breaker.TryEnter(out _));
    }

    [Fact]
    public void Each_change_is_told_in_order_and_a_listener_that_throws_or_calls_back_harms_nobody()
    {
        var breaker = Build();
        var told = new List<BreakerChange>();
        breaker.Changed += change =>
        {
            told.Add(change);
            if (change.To == BreakerState.Isolated) breaker.Reset();
            throw new TimeZoneNotFoundException();
        };
        for (int i = 0; i < 5; i++) End(breaker, BreakerOutcome.Failure);
        breaker.Isolate();
        Assert.Equal(
            [new(BreakerState.Closed, BreakerState.Open), new(BreakerState.Open, BreakerState.Isolated), new(BreakerState.Isolated, BreakerState.Closed)],
            told);
    }

    [Fact]
    public void Bad_options_are_refused_each_by_name_value_and_what_is_allowed()
    {
        var error = Assert.Throws<ArgumentException>(() => new CircuitBreaker(new() { FailureThreshold = 0, OpenDuration = TimeSpan.Zero }));
        Assert.Contains("FailureThreshold is 0; it must be at least 1.", error.Message, StringComparison.Ordinal);
        Assert.Contains("OpenDuration is 00:00:00; it must be above zero.", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Random calls and ends against a state machine written down plainly.</summary>
    [Fact]
    public void Every_answer_is_the_model_s()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        for (int run = 0; run < 200; run++)
        {
            var clock = new FakeClock();
            var options = new BreakerOptions { FailureThreshold = random.Next(1, 4), SuccessThreshold = random.Next(1, 4), HalfOpenProbes = random.Next(1, 4), OpenDuration = TimeSpan.FromSeconds(5), TimeProvider = clock };
            var breaker = new CircuitBreaker(options);
            var model = new Model(options, clock);
            var passes = new List<(BreakerPass Ours, int Theirs)>();
            for (int step = 0; step < 300; step++)
            {
                switch (random.Next(10))
                {
                    case < 4:
                        bool enters = breaker.TryEnter(out var pass);
                        Assert.True(model.TryEnter(out int theirs) == enters, $"With LARDER_SEED={seed}, run {run}, step {step}: entering");
                        if (enters) passes.Add((pass, theirs));
                        break;
                    case < 8 when passes.Count > 0:
                        int i = random.Next(passes.Count);
                        var outcome = (BreakerOutcome)random.Next(3);
                        breaker.Leave(passes[i].Ours, outcome);
                        model.Leave(passes[i].Theirs, outcome);
                        passes.RemoveAt(i);
                        break;
                    case 8 when random.Next(10) == 0:
                        bool isolates = random.Next(2) == 0;
                        (isolates ? (Action)breaker.Isolate : breaker.Reset)();
                        (isolates ? (Action)model.Isolate : model.Reset)();
                        break;
                    default:
                        clock.Advance(TimeSpan.FromSeconds(random.Next(4)));
                        break;
                }

                Assert.True(model.State == breaker.State, $"With LARDER_SEED={seed}, run {run}, step {step}: {breaker.State}, not {model.State}");
            }
        }
    }

    [Fact]
    public async Task Half_open_it_lets_exactly_as_many_pass_as_it_is_told_however_many_come_at_once()
    {
        for (int round = 0; round < 200; round++)
        {
            var breaker = Opened();
            _clock.Advance(TimeSpan.FromSeconds(30));
            using var start = new Barrier(4);
            bool[][] entered = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return Enumerable.Range(0, 5).Select(_ => breaker.TryEnter(out var _)).ToArray();
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.Equal(3, entered.Sum(e => e.Count(x => x)));
        }
    }

    private static BreakerPass Enter(CircuitBreaker breaker)
    {
        Assert.True(breaker.TryEnter(out var pass));
        return pass;
    }

    private static void End(CircuitBreaker breaker, BreakerOutcome outcome) => breaker.Leave(Enter(breaker), outcome);

    private CircuitBreaker Build() => new(new() { TimeProvider = _clock });

    private CircuitBreaker Opened()
    {
        var breaker = Build();
        for (int i = 0; i < 5; i++) End(breaker, BreakerOutcome.Failure);
        return breaker;
    }

    private sealed class Model(BreakerOptions options, FakeClock clock)
    {
        private DateTimeOffset _openedAt;
        private int _stretch, _failures, _successes, _probes;

        public BreakerState State { get; private set; }

        public bool TryEnter(out int stretch)
        {
            if (State == BreakerState.Open && clock.GetUtcNow() - _openedAt >= options.OpenDuration) To(BreakerState.HalfOpen);
            stretch = _stretch;
            if (State != BreakerState.HalfOpen) return State == BreakerState.Closed;
            if (_probes == options.HalfOpenProbes) return false;
            _probes++;
            return true;
        }

        public void Leave(int stretch, BreakerOutcome outcome)
        {
            if (stretch != _stretch) return;
            if (State == BreakerState.HalfOpen)
            {
                _probes--;
                if (outcome == BreakerOutcome.Failure) To(BreakerState.Open);
                if (outcome == BreakerOutcome.Success && ++_successes == options.SuccessThreshold) To(BreakerState.Closed);
            }
            else if (outcome == BreakerOutcome.Success)
            {
                _failures = 0;
            }
            else if (outcome == BreakerOutcome.Failure && ++_failures == options.FailureThreshold)
            {
                To(BreakerState.Open);
            }
        }

        public void Isolate() => To(BreakerState.Isolated);

        public void Reset() => To(BreakerState.Closed);

        private void To(BreakerState state)
        {
            _openedAt = clock.GetUtcNow();
            (State, _failures, _successes, _probes) = (state, 0, 0, 0);
            _stretch++;
        }
    }
}
