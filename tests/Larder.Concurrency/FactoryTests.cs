namespace Larder.Concurrency;

public sealed class FactoryTests
{
    [Fact]
    public void Many_callers_of_one_cold_key_run_one_factory()
    {
        using var cache = new Cache<string, object>();
        int ran = 0;
        using var inside = new ManualResetEventSlim();
        var results = new object[32];
        Stress.Threads(32, thread => results[thread] = cache.GetOrAdd("k", (_, signal) =>
        {
            Interlocked.Increment(ref ran);
            // Until every other caller waits for this one, or has nothing left to wait for.
            SpinWait.SpinUntil(() => cache.Statistics.Joins == 31, TimeSpan.FromSeconds(30));
            return new object();
        }, inside));
        Assert.Equal(1, ran);
        Assert.Single(results.Distinct());
    }

    [Fact]
    public void A_factory_s_exception_reaches_all_and_is_not_kept()
    {
        using var cache = new Cache<string, int>();
        int failed = 0;
        Stress.Threads(8, _ =>
        {
            try
            {
                cache.GetOrAdd("k", static (_, c) =>
                {
                    SpinWait.SpinUntil(() => c.Statistics.Joins == 7, TimeSpan.FromSeconds(30));
                    throw new TimeoutException("down");
                }, cache);
            }
            catch (TimeoutException)
            {
                Interlocked.Increment(ref failed);
            }
        });
        Assert.Equal(8, failed);
        Assert.Equal(5, cache.GetOrAdd("k", _ => 5));
    }

    [Fact]
    public void What_a_factory_brings_does_not_undo_a_write_or_a_removal_meanwhile()
    {
        using var cache = new Cache<string, int>();
        Assert.Equal(1, cache.GetOrAdd("set", static (key, c) => { c.Set(key, 2); return 1; }, cache));
        Assert.True(cache.TryPeek("set", out int value) && value == 2);
        cache.GetOrAdd("removed", static (key, c) => { c.Remove(key); return 1; }, cache);
        Assert.False(cache.Contains("removed"));
        cache.GetOrAdd("cleared", static (_, c) => { c.Clear(); return 1; }, cache);
        Assert.False(cache.Contains("cleared"));
    }

    [Fact]
    public void A_factory_may_use_other_keys_but_not_its_own()
    {
        using var cache = new Cache<string, int>();
        Assert.Equal(3, cache.GetOrAdd("a", static (_, c) => c.GetOrAdd("b", _ => 2) + 1, cache));
        Assert.Throws<InvalidOperationException>(() => cache.GetOrAdd("self", static (key, c) => c.GetOrAdd(key, _ => 1), cache));
        Assert.Equal(4, cache.GetOrAdd("self", _ => 4));
    }

    [Fact]
    public void Factories_that_wait_for_each_other_get_an_exception()
    {
        using var cache = new Cache<int, int>();
        using var bothInside = new Barrier(2);
        int refused = 0;
        Stress.Threads(2, thread =>
        {
            try
            {
                cache.GetOrAdd(thread, (key, c) =>
                {
                    bothInside.SignalAndWait();
                    return c.GetOrAdd(1 - key, _ => 9);
                }, cache);
            }
            catch (InvalidOperationException)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.InRange(refused, 1, 2);
    }

    [Fact]
    public void Concurrent_updates_of_one_key_lose_none()
    {
        using var cache = new Cache<string, int>();
        Stress.Threads(4, _ =>
        {
            for (int i = 0; i < 2000; i++) cache.AddOrUpdate("n", static (_, _) => 1, static (_, n, _) => n + 1, 0);
        });
        Assert.True(cache.TryGet("n", out int value));
        Assert.Equal(8000, value);
    }
}
