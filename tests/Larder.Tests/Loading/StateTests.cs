namespace Larder.Tests.Loading;

/// <summary>What a read returns and what becomes of the entry: for every age, breaker and outcome of the loader.</summary>
public sealed class StateTests
{
    private const int Key = 1;
    private const int Other = 2;
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    public enum Age { None, Fresh, Stale, Expired, Absent }

    public enum Outcome { Value, Absent, Throws, TimesOut, Cancelled, NeverReturns }

    public static TheoryData<Age, BreakerState, Outcome> Rows()
    {
        var rows = new TheoryData<Age, BreakerState, Outcome>();
        foreach (var age in Enum.GetValues<Age>())
            foreach (var breaker in new[] { BreakerState.Closed, BreakerState.HalfOpen, BreakerState.Open })
                foreach (var outcome in Enum.GetValues<Outcome>()) rows.Add(age, breaker, outcome);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Read_follows_the_table(Age age, BreakerState breakerState, Outcome outcome)
    {
        var breaker = default(CircuitBreaker);
        await using var shop = new Shop(o =>
        {
            breaker = new(new()
            {
                FailureThreshold = 1,
                OpenDuration = breakerState == BreakerState.HalfOpen ? TimeSpan.FromSeconds(1) : TimeSpan.FromDays(1),
                TimeProvider = o.Memory.TimeProvider,
            });
            return o with
            {
                Failure = o.Failure with { Breaker = breaker, HardTimeout = _timeout },
                Refresh = o.Refresh with { Timeout = _timeout },
            };
        });

        if (breakerState != BreakerState.Closed) await Open(shop);
        await Prepare(shop, age);
        int before = shop.Calls;
        using var cancel = new CancellationTokenSource();
        int timers = shop.Clock.ArmedTimers;
        var asked = new TaskCompletionSource();
        shop.Answers = (_, token) =>
        {
            asked.SetResult();
            return Script(outcome, token);
        };

        var read = shop.Cache.ReadAsync(Key, cancel.Token).AsTask();
        bool isAsked = age is Age.None or Age.Stale or Age.Expired && breakerState != BreakerState.Open;
        if (isAsked)
        {
            await asked.Task;
            if (outcome is not (Outcome.Value or Outcome.Absent or Outcome.Throws)) await Until(() => shop.Clock.ArmedTimers > timers);
            if (outcome is Outcome.TimesOut or Outcome.NeverReturns) shop.Clock.Advance(_timeout);
            if (outcome == Outcome.Cancelled) await cancel.CancelAsync();
        }

        if (age == Age.Stale && outcome == Outcome.Cancelled && isAsked) shop.Clock.Advance(_timeout);
        await shop.Quiet();
        Assert.Equal(isAsked ? 1 : 0, shop.Calls - before);
        await ExpectRead(age, breakerState, outcome, read);
        ExpectEntry(shop, age, isAsked, outcome);
        int abandoned = isAsked && (outcome is Outcome.NeverReturns or Outcome.Cancelled) ? 1 : 0;
        await Until(() => shop.Cache.AbandonedLoads == abandoned);
        if (isAsked) ExpectBreaker(breaker!, breakerState, age, outcome);
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition()) await Task.Yield();
    }

    private static async Task Open(Shop shop)
    {
        shop.Answers = static (_, _) => throw new TimeZoneNotFoundException();
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await shop.Cache.GetAsync(Other));
    }

    private static async Task Prepare(Shop shop, Age age)
    {
        if (age == Age.Absent) await shop.Cache.SetAbsentAsync(Key);
        if (age is Age.Fresh or Age.Stale or Age.Expired) await shop.Cache.SetAsync(Key, "old");
        shop.Clock.Advance(TimeSpan.FromSeconds(age switch { Age.Stale => 11, Age.Expired => 21, _ => 1 }));
    }

    private static ValueTask<Loaded<string>> Script(Outcome outcome, CancellationToken token) => outcome switch
    {
        Outcome.Value => new("new"),
        Outcome.Absent => new(Loaded<string>.Absent),
        Outcome.Throws => throw new InvalidOperationException("no"),
        Outcome.TimesOut => new(Task.Delay(Timeout.InfiniteTimeSpan, token).ContinueWith<Loaded<string>>(static _ => throw new OperationCanceledException(), TaskScheduler.Default)),
        _ => new(new TaskCompletionSource<Loaded<string>>().Task),
    };

    private static async Task ExpectRead(Age age, BreakerState breaker, Outcome outcome, Task<CacheResult<string>> read)
    {
        bool refused = breaker == BreakerState.Open;
        switch (age)
        {
            case Age.Fresh or Age.Stale or Age.Absent:
                var served = await read;
                Assert.Equal(age switch { Age.Fresh => ReadStatus.Hit, Age.Stale => ReadStatus.Stale, _ => ReadStatus.Absent }, served.Status);
                Assert.Equal(age == Age.Absent ? null : "old", served.Value);
                break;
            case Age.None when refused:
                await Assert.ThrowsAsync<CircuitOpenException>(() => read);
                break;
            case Age.Expired when refused:
                Fallback(await read, typeof(CircuitOpenException));
                break;
            case var _ when outcome == Outcome.Value:
                Assert.Equal((age == Age.None ? ReadStatus.Miss : ReadStatus.Expired, "new"), ((await read).Status, (await read).Value));
                break;
            case var _ when outcome == Outcome.Absent:
                Assert.Equal((ReadStatus.Absent, false), ((await read).Status, (await read).HasValue));
                break;
            case var _ when outcome == Outcome.Cancelled:
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
                break;
            case Age.Expired:
                Fallback(await read, outcome == Outcome.Throws ? typeof(InvalidOperationException) : typeof(TimeoutException));
                break;
            default:
                await Assert.ThrowsAsync(outcome == Outcome.Throws ? typeof(InvalidOperationException) : typeof(TimeoutException), () => read);
                break;
        }

        static void Fallback(CacheResult<string> result, Type error)
        {
            Assert.Equal((ReadStatus.Fallback, "old"), (result.Status, result.Value));
            Assert.IsType(error, result.Error);
        }
    }

    private static void ExpectEntry(Shop shop, Age age, bool isAsked, Outcome outcome)
    {
        var there = shop.Cache.Peek(Key, includesExpired: true);
        var expected = (isAsked, outcome, age) switch
        {
            (true, Outcome.Value, _) => (ReadStatus.Hit, "new"),
            (true, Outcome.Absent, _) or (_, _, Age.Absent) => (ReadStatus.Absent, null),
            (_, _, Age.None) => (ReadStatus.Miss, null),
            (_, _, Age.Fresh) => (ReadStatus.Hit, "old"),
            (_, _, Age.Stale) => (ReadStatus.Stale, "old"),
            _ => (ReadStatus.Expired, (string?)"old"),
        };
        Assert.Equal(expected, (there.Status, there.Value));
    }

    // A refresh is not cancelled by the reader that was served: there it ends by its timeout.
    private static void ExpectBreaker(CircuitBreaker breaker, BreakerState before, Age age, Outcome outcome)
    {
        bool fails = outcome is Outcome.Throws or Outcome.TimesOut or Outcome.NeverReturns || (outcome == Outcome.Cancelled && age == Age.Stale);
        Assert.Equal(fails ? BreakerState.Open : before, breaker.State);
    }
}
