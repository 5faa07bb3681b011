using Larder.Eviction;

namespace Larder.Tests.Eviction;

public sealed class TunerTests
{
    [Fact]
    public void Keys_used_twice_within_the_capacity_bring_a_regime_of_recency()
    {
        var tuner = new Tuner([200], seed: 3);
        for (int i = 0; i < 40_000; i++)
        {
            tuner.Use(HashOf(i));
            if (i >= 80) tuner.Use(HashOf(i - 80));
        }

        var regime = Regime.All[tuner.Verdict];
        Assert.InRange(regime.WindowShare, 0.5, 1);
    }

    [Fact]
    public void A_loop_brings_a_regime_with_a_margin()
    {
        var tuner = new Tuner([200], seed: 3);
        for (int i = 0; i < 200_000; i++) tuner.Use(HashOf(i % 1000));
        Assert.Equal(1, Regime.All[tuner.Verdict].Margin);
    }

    [Fact]
    public void Shards_learn_together()
    {
        // Four shards of fifty: none could tell the loop of four hundred from a scan by itself, and all follow.
        var together = new ReplayCache(EvictionPolicy.Default, 200, shards: 4);
        for (int i = 0; i < 200_000; i++) together.Get(i % 400);
        Assert.InRange(together.HitRatio, 40, 50);
    }

    [Fact]
    public void The_sample_shrinks_as_the_capacity_grows()
    {
        Assert.Equal(10_000, Sampled(new Tuner([200], seed: 1)));
        Assert.InRange(Sampled(new Tuner([50_000, 50_000], seed: 1)), 110, 200);
        var weighed = new Tuner([100_000_000], seed: 1);
        weighed.Report(0, 1024, evicted: 0);
        Assert.InRange(Sampled(weighed), 2200, 2800);

        static int Sampled(Tuner tuner) => Enumerable.Range(0, 10_000).Count(i => tuner.Samples(HashOf(i)));
    }

    [Fact]
    public void A_settled_tuner_follows_a_load_that_changes()
    {
        var tuner = new Tuner([10_000], seed: 3);
        for (int i = 0; i < 4_000_000; i++) Use(i % 40_000, i);
        Assert.Equal(1, Regime.All[tuner.Verdict].Margin);
        for (int i = 0; i < 1_000_000; i++)
        {
            Use(100_000 + i, i);
            if (i >= 4000) Use(100_000 + i - 4000, i);
        }

        Assert.InRange(Regime.All[tuner.Verdict].WindowShare, 0.5, 1);

        void Use(int key, int i)
        {
            tuner.Use(HashOf(key));
            if (i % 1024 == 0) tuner.Report(0, 10_000, evicted: 1024);
        }
    }

    [Fact]
    public void Callers_from_many_threads_do_no_harm()
    {
        var tuner = new Tuner([100], seed: 1);
        Parallel.For(0, 8, thread =>
        {
            var random = new Random(thread);
            for (int i = 0; i < 20_000; i++) tuner.Use(HashOf(random.Next(500)));
            tuner.Report(0, 50 + 100 * thread, evicted: 0);
        });
        Assert.InRange(tuner.Verdict, 0, Regime.All.Length - 1);
    }

    private static int HashOf(int key) => (int)HashMix.Mix(key, 0x51ED270B);
}
