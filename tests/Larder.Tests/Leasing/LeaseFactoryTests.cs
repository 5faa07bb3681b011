namespace Larder.Tests.Leasing;

public sealed class LeaseFactoryTests
{
    public static TheoryData<string> WhatComesBetween() => ["a write", "a removal", "a clear", "a disposal", "its weight", "nothing"];

    [Theory]
    [MemberData(nameof(WhatComesBetween))]
    public void What_a_factory_makes_is_leased_to_all_who_asked_and_disposed_after_the_last(string between)
    {
        using var cache = new LeasingCache<int, Asset>(new() { Capacity = 10, Weigher = (_, _) => between == "its weight" ? 11 : 1 });
        using var started = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        int made = 0;
        Asset Make(int key)
        {
            made++;
            started.Set();
            Assert.True(goOn.Wait(TimeSpan.FromSeconds(30)));
            return new Asset();
        }

        var leases = new Lease<Asset>[4];
        var threads = Enumerable.Range(0, leases.Length).Select(i => new Thread(() => leases[i] = cache.GetOrAdd(1, Make))).ToList();
        threads.ForEach(static thread => thread.Start());
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));
        Assert.True(SpinWait.SpinUntil(() => cache.Statistics.Joins == leases.Length - 1, TimeSpan.FromSeconds(30)));
        switch (between)
        {
            case "a write": cache.Set(1, new Asset()); break;
            case "a removal": cache.Remove(1); break;
            case "a clear": cache.Clear(); break;
            case "a disposal": cache.Dispose(); break;
        }

        goOn.Set();
        threads.ForEach(static thread => thread.Join());
        var asset = leases[0].Value;
        Assert.All(leases, lease => Assert.Same(asset, lease.Value));
        Assert.Equal(1, made);
        foreach (var lease in leases)
        {
            Assert.Equal(0, asset.Disposals);
            lease.Dispose();
        }

        Assert.Equal(between == "nothing" ? 0 : 1, asset.Disposals);
        cache.Dispose();
        Assert.Equal((1, 0), (asset.Disposals, cache.Undisposed));
    }

    [Fact]
    public void A_factory_that_fails_leaves_nothing_behind()
    {
        using var cache = new LeasingCache<int, Asset>(new() { Weigher = static (key, _) => key == 3 ? throw new FormatException("weigher") : 1 });
        using var asset = new Asset();
        Assert.Equal("factory", Assert.Throws<FormatException>(() => cache.GetOrAdd(1, static _ => throw new FormatException("factory"))).Message);
        Assert.Throws<InvalidOperationException>(() => cache.GetOrAdd(2, static _ => null!));
        Assert.Equal("weigher", Assert.Throws<FormatException>(() => cache.GetOrAdd(3, static (_, made) => made, asset)).Message);
        Assert.Equal((1, 0, 3L), (asset.Disposals, cache.Undisposed, cache.Statistics.LoadFailures));
        cache.GetOrAdd(1, static _ => new Asset()).Dispose();
        Assert.Equal((1L, 1), (cache.Statistics.Loads, cache.Undisposed));
    }

    [Fact]
    public void A_factory_that_waits_for_itself_gets_an_exception_and_leaves_nothing_behind()
    {
        using var cache = new LeasingCache<int, Asset>();
        Assert.Throws<InvalidOperationException>(() => cache.GetOrAdd(1, key => cache.GetOrAdd(key, static _ => new Asset()).Value));
        Assert.Equal((0, 0), (cache.Undisposed, cache.Count));
        using var lease = cache.GetOrAdd(1, static _ => new Asset());
        cache.Clear();
        Assert.Equal(0, lease.Value.Disposals);
    }
}
