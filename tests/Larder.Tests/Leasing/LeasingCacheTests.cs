using Larder.TestKit;
using Larder.Tests.Observability;

namespace Larder.Tests.Leasing;

public sealed class LeasingCacheTests
{
    public static TheoryData<RemovalCause, string> WaysToLeave() => new()
    {
        { RemovalCause.Evicted, "another comes" }, { RemovalCause.Evicted, "the capacity shrinks" }, { RemovalCause.Evicted, "what replaces it is too heavy" },
        { RemovalCause.Expired, "nobody asks" }, { RemovalCause.Expired, "somebody counts" },
        { RemovalCause.Replaced, "" }, { RemovalCause.Removed, "" }, { RemovalCause.Cleared, "" }, { RemovalCause.Cleared, "the cache is disposed" },
    };

    [Theory]
    [MemberData(nameof(WaysToLeave))]
    public void A_value_is_disposed_once_when_it_has_left_and_its_last_lease_is_over(RemovalCause cause, string how)
    {
        var clock = new FakeClock();
        using var cache = Small(clock);
        using Asset leased = new(), unleased = new();
        cache.Set(1, leased);
        cache.Set(2, unleased);
        Assert.True(cache.TryLease(1, out var lease));
        Assert.True(cache.TryLease(1, out var another));
        MakeLeave(cache, clock, cause, how);
        Assert.Equal(1, unleased.Disposals);
        Assert.Equal(0, leased.Disposals);
        Assert.Same(leased, lease.Value);
        lease.Dispose();
        lease.Dispose();
        Assert.Equal(0, leased.Disposals);
        another.Dispose();
        Assert.Equal(1, leased.Disposals);
        cache.Dispose();
        Assert.Equal((1, 1, 0), (leased.Disposals, unleased.Disposals, cache.Undisposed));
    }

    [Fact]
    public void What_expires_is_disposed_within_two_seconds_though_nobody_reads_or_writes()
    {
        var clock = new FakeClock();
        var disposed = TimeSpan.Zero;
        var began = clock.GetUtcNow();
        using var cache = Small(clock);
        cache.Set(1, new Asset(() => disposed = clock.GetUtcNow() - began));
        clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.Zero, disposed);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.InRange(disposed, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(62));
    }

    [Fact]
    public void A_lease_that_is_over_gives_no_value()
    {
        using var cache = new LeasingCache<int, Asset>();
        var lease = cache.GetOrAdd(1, static _ => new Asset());
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lease.Value);
        Assert.True(cache.TryLease(1, out var again));
        Assert.Equal(0, again.Value.Disposals);
        again.Dispose();
    }

    [Fact]
    public void An_instance_under_two_keys_is_disposed_when_it_has_left_both()
    {
        using var cache = new LeasingCache<int, Asset>();
        using var asset = new Asset();
        cache.Set(1, asset);
        cache.Set(1, asset);
        cache.GetOrAdd(2, static (_, same) => same, asset).Dispose();
        Assert.Equal((0, 1), (asset.Disposals, cache.Undisposed));
        Assert.True(cache.Remove(1));
        Assert.Equal(0, asset.Disposals);
        Assert.True(cache.Remove(2));
        Assert.Equal((1, 0), (asset.Disposals, cache.Undisposed));
    }

    [Fact]
    public void An_instance_that_is_being_disposed_is_refused()
    {
        using var cache = new LeasingCache<int, Asset>();
        Asset asset = null!;
        asset = new Asset(() => Assert.Throws<ArgumentException>(() => cache.Set(2, asset)));
        cache.Set(1, asset);
        cache.Remove(1);
        Assert.Equal((1, 0L, false), (asset.Disposals, cache.Statistics.HandlerFailures, cache.Contains(2)));
    }

    [Fact]
    public void What_is_handed_over_in_vain_is_disposed()
    {
        using var cache = new LeasingCache<string, Asset>(new() { Capacity = 10, Weigher = static (key, _) => key.Length > 5 ? throw new FormatException(key) : 1 });
        using Asset tooHeavy = new(), weightless = new(), unweighable = new(), keyless = new(), late = new();
        cache.Set("a", tooHeavy, null, weight: 11);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Set("a", weightless, null, weight: -1));
        Assert.Throws<FormatException>(() => cache.Set("unweighable", unweighable));
        Assert.Throws<ArgumentNullException>(() => cache.Set(null!, keyless));
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.Set("a", late));
        Assert.All([tooHeavy, weightless, unweighable, keyless, late], static asset => Assert.Equal(1, asset.Disposals));
        Assert.Equal(0, cache.Undisposed);
        Assert.Throws<ArgumentNullException>("value", () => cache.Set("a", null!));
    }

    [Fact]
    public void What_is_stored_while_the_cache_is_disposed_is_disposed_too()
    {
        LeasingCache<int, Asset> cache = null!;
        cache = new(new() { Weigher = (_, _) => { cache.Dispose(); return 1; } });
        using var asset = new Asset();
        cache.Set(1, asset);
        Assert.Equal((1, 0), (asset.Disposals, cache.Undisposed));
    }

    [Fact]
    public async Task A_value_that_throws_when_it_is_disposed_harms_nobody_and_is_told_of_ever_more_rarely()
    {
        using var log = new Lines();
        using var cache = new LeasingCache<int, Asset>(new() { Logger = log });
        using var quiet = new Asset();
        for (int i = 0; i < 9; i++) cache.Set(i, new Asset(static () => throw new FormatException("stuck")));
        cache.Set(9, quiet);
        var lease = cache.GetOrAdd(0, static _ => new Asset());
        cache.Clear();
        lease.Dispose();
        Assert.Equal((1, 9L, 0), (quiet.Disposals, cache.Statistics.HandlerFailures, cache.Undisposed));
        var told = new List<string>();
        while (told.Count < 4) told.Add(await log.NextAsync(1005));
        Assert.All([1, 2, 4, 8], count => Assert.Single(told, line => line.Contains($"the {count}th time", StringComparison.Ordinal)));
        cache.ResetStatistics();
        Assert.Equal(0, cache.Statistics.HandlerFailures);
    }

    [Fact]
    public void A_value_is_disposed_under_no_lock()
    {
        using var cache = new LeasingCache<int, Asset>(new() { Capacity = 1, Shards = new() { Count = 1 } });
        cache.Set(1, new Asset(() =>
        {
            var other = new Thread(() => cache.Set(3, new Asset()));
            other.Start();
            Assert.True(other.Join(TimeSpan.FromSeconds(30)));
        }));
        cache.Set(2, new Asset());
        Assert.Equal(0, cache.Statistics.HandlerFailures);
        Assert.True(cache.Contains(3));
    }

    [Fact]
    public void What_cannot_be_had_with_leases_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => new LeasingCache<int, Asset>(new()
        {
            Capacity = 0,
            Copy = new() { OnRead = static asset => asset },
            Absent = new() { Lifetime = Lifetime.Forever },
            Removed = static _ => { },
        }));
        Assert.All(["Capacity is 0", "Copy is set", "Absent is set", "Removed is set"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_lease_takes_24_bytes()
    {
        using var cache = new LeasingCache<int, Asset>();
        cache.Set(1, new Asset());
        Assert.Equal(24_000, Allocations.Of(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                if (cache.TryLease(1, out var lease)) lease.Dispose();
            }
        }));
    }

    private static LeasingCache<int, Asset> Small(FakeClock clock) =>
        new(new() { Capacity = 2, Shards = new() { Count = 1 }, Policy = EvictionPolicy.Fifo, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)), TimeProvider = clock });

    // Of keys 1 and 2.
    private static void MakeLeave(LeasingCache<int, Asset> cache, FakeClock clock, RemovalCause cause, string how)
    {
        switch (cause, how)
        {
            case (RemovalCause.Evicted, "another comes"): cache.Set(3, new Asset()); cache.Set(4, new Asset()); break;
            case (RemovalCause.Evicted, "the capacity shrinks"): cache.Set(3, new Asset()); cache.Capacity = 1; break;
            case (RemovalCause.Evicted, _): cache.Set(1, new Asset(), null, 3); cache.Set(2, new Asset(), null, 3); break;
            case (RemovalCause.Expired, "nobody asks"): clock.Advance(TimeSpan.FromSeconds(62)); break;
            case (RemovalCause.Expired, _): clock.Leap(TimeSpan.FromSeconds(60)); _ = cache.Count; break;
            case (RemovalCause.Replaced, _): cache.Set(1, new Asset()); cache.Set(2, new Asset()); break;
            case (RemovalCause.Removed, _): cache.Remove(1); cache.Remove(2); break;
            case (_, "the cache is disposed"): cache.Dispose(); return;
            default: cache.Clear(); break;
        }

        Assert.True(cache.Statistics.RemovalsBy(cause) >= 2);
        cache.CheckIntegrity();
    }
}
