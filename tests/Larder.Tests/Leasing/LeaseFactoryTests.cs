namespace Larder.Tests.Leasing;

public sealed class LeaseFactoryTests
{
    private const int Askers = 4;

    [Theory]
    [MemberData(nameof(Between.All), MemberType = typeof(Between))]
    public void What_a_factory_makes_is_leased_to_all_who_asked_and_disposed_after_the_last(string between)
    {
        using var cache = Between.CacheFor(between);
        var leases = new Lease<Asset>[Askers];
        Assert.Equal(1, AskTogether(cache, between, (i, lease) => leases[i] = lease));
        Between.IsDisposedAfterTheLast(between, cache, leases);
    }

    [Theory]
    [MemberData(nameof(Between.All), MemberType = typeof(Between))]
    public void Nobody_who_waited_comes_too_late_though_the_others_let_go_at_once(string between)
    {
        using var cache = Between.CacheFor(between);
        int used = 0;
        int made = AskTogether(cache, between, (_, lease) =>
        {
            if (lease.Value.Disposals == 0) Interlocked.Increment(ref used);
            lease.Dispose();
        });
        Assert.Equal((1, Askers), (made, used));
        cache.Dispose();
        Assert.Equal(0, cache.Undisposed);
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

    [Fact]
    public void Who_waits_is_told_though_the_comparer_throws_when_the_factory_has_ended()
    {
        bool throws = false;
        using var cache = new LeasingCache<int, Asset>(new() { Comparer = EqualityComparer<int>.Create((a, b) => throws && a == 1 ? throw new FormatException("comparer") : a == b, static _ => 7) });
        using var started = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        using var made = new Asset();
        Exception? led = null, joined = null;
        var leader = new Thread(() => led = Record.Exception(() => cache.GetOrAdd(1, _ =>
        {
            started.Set();
            Assert.True(goOn.Wait(TimeSpan.FromSeconds(30)));
            return made;
        })))
        { IsBackground = true };
        leader.Start();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));
        var joiner = new Thread(() => joined = Record.Exception(() => cache.GetOrAdd(1, static _ => new Asset()))) { IsBackground = true };
        joiner.Start();
        Assert.True(SpinWait.SpinUntil(() => cache.Statistics.Joins == 1, TimeSpan.FromSeconds(30)));
        throws = true;
        goOn.Set();
        Assert.True(leader.Join(TimeSpan.FromSeconds(30)));
        Assert.True(joiner.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(("comparer", "comparer"), (led?.Message, joined?.Message));
        Assert.Equal((1, 0), (made.Disposals, cache.Undisposed));

        throws = false;
        using var lease = cache.GetOrAdd(1, static _ => new Asset());
        Assert.Equal(1, cache.Undisposed);
    }

    // All wait for one factory when it comes between. Returns how often a factory was called.
    private static int AskTogether(LeasingCache<int, Asset> cache, string between, Action<int, Lease<Asset>> use)
    {
        using var started = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        int made = 0;
        Asset Make(int key)
        {
            Interlocked.Increment(ref made);
            started.Set();
            Assert.True(goOn.Wait(TimeSpan.FromSeconds(30)));
            return new Asset();
        }

        Exception? failure = null;
        var threads = Enumerable.Range(0, Askers).Select(i => new Thread(() =>
        {
            try
            {
                use(i, cache.GetOrAdd(1, Make));
            }
            catch (Exception error)
            {
                failure = error;
            }
        })).ToList();
        threads.ForEach(static thread => thread.Start());
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));
        Assert.True(SpinWait.SpinUntil(() => cache.Statistics.Joins == Askers - 1, TimeSpan.FromSeconds(30)));
        Between.Happens(between, cache);
        goOn.Set();
        threads.ForEach(static thread => thread.Join());
        Assert.Null(failure);
        return made;
    }
}
