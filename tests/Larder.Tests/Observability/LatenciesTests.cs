using Larder.Observability;
using Larder.TestKit;
using Larder.Tests.Loading;

namespace Larder.Tests.Observability;

public sealed class LatenciesTests
{
    [Fact]
    public void Quantiles_are_right_to_seven_percent_from_a_microsecond_to_two_hours()
    {
        int seed = Seeds.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var counters = new LatencyCounters();
        var times = Enumerable.Range(0, 2_000).Select(_ => TimeSpan.FromMicroseconds(Math.Pow(2, random.NextDouble() * 29 + 3))).Order().ToArray();
        foreach (var time in times) counters.Add(time);
        var read = counters.Read();
        Assert.Equal(times.Length, read.Count);
        foreach (double share in new[] { 0, 0.01, 0.5, 0.9, 0.99, 1 })
        {
            double exact = times[Math.Max(1, (int)Math.Ceiling(share * times.Length)) - 1].TotalMicroseconds;
            Assert.InRange(read.Quantile(share).TotalMicroseconds / exact, 0.93, 1.07);
        }
    }

    [Fact]
    public void Times_beyond_the_scale_count_at_its_ends()
    {
        var counters = new LatencyCounters();
        counters.Add(TimeSpan.Zero);
        counters.Add(-TimeSpan.FromSeconds(1));
        counters.Add(TimeSpan.MaxValue);
        var read = counters.Read();
        Assert.Equal(3, read.Count);
        Assert.InRange(read.Quantile(0.5).TotalMicroseconds, 0, 1);
        Assert.InRange(read.Quantile(1).TotalHours, 2, 3);
    }

    [Fact]
    public void Of_two_snapshots_the_difference_is_what_happened_between()
    {
        var counters = new LatencyCounters();
        for (int i = 0; i < 100; i++) counters.Add(TimeSpan.FromMilliseconds(1));
        var before = counters.Read();
        for (int i = 0; i < 3; i++) counters.Add(TimeSpan.FromSeconds(1));
        var between = counters.Read() - before;
        Assert.Equal(3, between.Count);
        Assert.InRange(between.Quantile(0.5).TotalSeconds, 0.93, 1.07);
    }

    [Fact]
    public void Without_calls_every_quantile_is_zero_and_a_share_beyond_one_is_refused()
    {
        Assert.Equal(TimeSpan.Zero, Latencies.None.Quantile(0.99));
        Assert.Throws<ArgumentOutOfRangeException>(() => Latencies.None.Quantile(1.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => Latencies.None.Quantile(double.NaN));
    }

    [Fact]
    public async Task A_loading_cache_counts_its_loads_and_forgets_them_on_a_reset()
    {
        await using var shop = new Shop();
        shop.Answers = (_, _) =>
        {
            shop.Clock.Advance(TimeSpan.FromMilliseconds(250));
            return new("new");
        };
        await shop.Cache.GetAsync(1);
        await shop.Cache.GetAsync(1);
        var read = shop.Cache.Statistics.LoadLatencies;
        Assert.Equal(1, read.Count);
        Assert.InRange(read.Quantile(0.5).TotalMilliseconds, 232, 268);
        shop.Cache.ResetStatistics();
        Assert.Equal(0, shop.Cache.Statistics.LoadLatencies.Count);
    }
}
