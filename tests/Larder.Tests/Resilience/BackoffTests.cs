using Larder.Resilience;
using Larder.TestKit;

namespace Larder.Tests.Resilience;

public sealed class BackoffTests
{
    [Fact]
    public void Waits_grow_to_their_limit_and_stay_there_for_any_number_of_failures()
    {
        var backoff = new Backoff(new() { First = TimeSpan.FromSeconds(1), Factor = 2, Most = TimeSpan.FromSeconds(30), Jitter = 0 }, new Random(1));
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(1, 7).Select(n => (int)backoff.Delay(n).TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(30), backoff.Delay(int.MaxValue));
    }

    [Fact]
    public void Jitter_only_shortens_and_by_no_more_than_its_share()
    {
        int seed = Seeds.Next();
        var backoff = new Backoff(new() { Jitter = 0.2 }, new Random(seed));
        double[] waits = [.. Enumerable.Range(0, 10_000).Select(_ => backoff.Delay(1).TotalSeconds)];
        Assert.All(waits, w => Assert.InRange(w, 0.8, 1));
        Assert.InRange(waits.Average(), 0.89, 0.91);
    }

    [Fact]
    public void A_breaker_per_key_keeps_one_broken_key_from_the_source_and_no_other()
    {
        using var breakers = new KeyedBreakers<int>(new() { Capacity = 2, Breaker = new() { FailureThreshold = 1 } }, null);
        Assert.True(breakers.For(1).TryEnter(out var pass));
        breakers.For(1).Leave(pass, BreakerOutcome.Failure);
        Assert.False(breakers.For(1).TryEnter(out _));
        Assert.True(breakers.For(2).TryEnter(out _));
    }
}
