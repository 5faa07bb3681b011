using Larder.TestKit;

namespace Larder.Tests;

public sealed class HostileTests
{
    public static TheoryData<string> Policies() => new(EvictionPolicy.All.Select(p => p.Name));

    [Fact]
    public void Keys_that_all_collide_are_told_apart()
    {
        using var cache = new Cache<Colliding, int>(new() { Capacity = 500 });
        for (int i = 0; i < 2000; i++) cache.Set(new(i), i);
        Assert.Equal(500, cache.Count);
        Assert.All(cache, pair => Assert.Equal(pair.Key.Id, pair.Value));
        cache.CheckIntegrity();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_cache_of_one_holds_one(string policy)
    {
        using var cache = new Cache<int, int>(new() { Capacity = 1, Policy = EvictionPolicy.All.Single(p => p.Name == policy) });
        for (int i = 0; i < 100; i++)
        {
            cache.Set(i % 7, i);
            Assert.Equal(1, cache.Count);
        }

        cache.CheckIntegrity();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_storm_of_weights_resizes_and_removals_keeps_the_bound(string policy)
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new()
        {
            Capacity = 300,
            Policy = EvictionPolicy.All.Single(p => p.Name == policy),
            Shards = new() { Count = 4 },
            Absent = new() { Capacity = 20 },
            TimeProvider = clock,
        });
        for (int i = 0; i < 100_000; i++)
        {
            int key = random.Next(800);
            switch (random.Next(12))
            {
                case < 5: cache.Set(key, i, random.Next(2) == 0 ? null : Lifetime.FreshFor(TimeSpan.FromSeconds(random.Next(100))), random.Next(20) == 0 ? random.Next(400) : random.Next(4)); break;
                case < 9: cache.TryGet(key, out _); break;
                case 9: cache.Remove(key); break;
                case 10: cache.SetAbsent(key); break;
                default:
                    clock.Advance(TimeSpan.FromMilliseconds(random.Next(2000)));
                    if (random.Next(100) == 0) cache.Capacity = random.Next(1, 600);
                    break;
            }

            if (cache.Weight > cache.Capacity) Assert.Fail($"{cache.Weight} held of {cache.Capacity}, {Seeds.Variable}={seed}.");
        }

        cache.CheckIntegrity();
    }

    [Fact]
    public void What_users_functions_throw_harms_only_their_own_call()
    {
        bool bad = false;
        T Maybe<T>(T value) => bad ? throw new FormatException("bad") : value;
        using var cache = new Cache<int, string>(new()
        {
            Weigher = (_, _) => Maybe(1L),
            LifetimeOf = (_, _) => Maybe(Lifetime.Forever),
            Copy = new() { OnRead = Maybe, OnWrite = Maybe },
            Comparer = EqualityComparer<int>.Create((a, b) => Maybe(a == b), k => Maybe(k)),
            Removed = _ => throw new FormatException("handler"),
        });
        cache.Set(1, "one");
        bad = true;
        Assert.Throws<FormatException>(() => cache.Set(1, "two"));
        Assert.Throws<FormatException>(() => cache.TryGet(1, out _));
        Assert.Throws<FormatException>(() => cache.Remove(1));
        Assert.Throws<FormatException>(() => cache.GetOrAdd(2, _ => "x"));
        bad = false;
        Assert.Equal("one", cache.GetOrAdd(1, _ => "x"));
        Assert.Equal("y", cache.GetOrAdd(2, _ => "y"));
        cache.CheckIntegrity();
    }

    [Fact]
    public void A_comparer_that_lies_corrupts_nothing()
    {
        var random = new Random(1);
        using var cache = new Cache<string, int>(new() { Capacity = 50, Comparer = EqualityComparer<string>.Create((_, _) => random.Next(2) == 0, _ => random.Next(4)) });
        for (int i = 0; i < 5000; i++)
        {
            cache.Set($"k{i % 90}", i);
            cache.TryGet($"k{random.Next(90)}", out _);
            cache.Remove($"k{random.Next(90)}");
        }

        cache.CheckIntegrity();
    }

    [Fact]
    public void Weights_below_zero_are_refused_and_above_the_capacity_counted()
    {
        using var cache = new Cache<string, int>(new() { Capacity = 10, Weigher = static (_, v) => v });
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => cache.Set("a", -1));
        Assert.Contains("-1", error.Message, StringComparison.Ordinal);
        cache.Set("a", 5);
        cache.Set("a", 11);
        Assert.False(cache.Contains("a"));
        cache.Set("b", int.MaxValue, null, long.MaxValue);
        Assert.Equal(2, cache.Statistics.Refused);
        cache.CheckIntegrity();
    }

    [Fact]
    public void Lives_of_nothing_of_a_tick_and_of_for_ever_are_what_they_say()
    {
        var clock = new FakeClock();
        using var cache = new Cache<string, int>(new() { TimeProvider = clock });
        cache.Set("nothing", 1, Lifetime.FreshFor(TimeSpan.Zero));
        cache.Set("tick", 1, Lifetime.FreshFor(TimeSpan.FromTicks(1)));
        cache.Set("ever", 1, Lifetime.FreshFor(TimeSpan.MaxValue - TimeSpan.FromTicks(1)));
        Assert.False(cache.Contains("nothing"));
        Assert.True(cache.Contains("tick"));
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.False(cache.Contains("tick"));
        clock.StepTimestamp(TimeSpan.FromDays(36_500));
        Assert.True(cache.Contains("ever"));
        Assert.Equal(1, cache.Count);
        var error = Assert.Throws<ArgumentException>(() => cache.Set("x", 1, Lifetime.FreshFor(TimeSpan.FromSeconds(-1))));
        Assert.Contains("-00:00:01", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => cache.Set("x", 1, new Lifetime { Fresh = TimeSpan.Zero, Stale = TimeSpan.FromSeconds(1) }));
    }

    [Fact]
    public void A_clock_that_steps_back_or_far_ahead_corrupts_nothing()
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new() { TimeProvider = clock, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) });
        for (int i = 0; i < 100; i++) cache.Set(i, i);
        clock.StepTimestamp(TimeSpan.FromDays(-1));
        Assert.Equal(100, cache.Count);
        cache.Set(100, 100);
        clock.StepTimestamp(TimeSpan.FromDays(2));
        Assert.Equal(0, cache.Count);
        clock.StepWallClock(TimeSpan.FromDays(-5000));
        cache.Set(1, 1);
        Assert.True(cache.Contains(1));
        cache.CheckIntegrity();
    }

    [Fact]
    public void Expired_entries_leave_the_heap_though_nobody_reads()
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new() { TimeProvider = clock, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) });
        for (int i = 0; i < 5000; i++) cache.Set(i, i);
        clock.Advance(TimeSpan.FromSeconds(62));
        Assert.Equal(0, cache.Weight);
        Assert.Equal(5000, cache.Statistics.RemovalsBy(RemovalCause.Expired));
    }

    [Fact]
    public void Use_prolongs_an_idle_life_but_not_beyond_the_hard_end()
    {
        var clock = new FakeClock();
        using var cache = new Cache<string, int>(new() { TimeProvider = clock, Lifetime = new() { Fresh = TimeSpan.FromMinutes(10), Idle = TimeSpan.FromMinutes(3) } });
        cache.Set("used", 1);
        cache.Set("unused", 1);
        for (int minute = 1; minute < 10; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            Assert.True(cache.TryGet("used", out _));
            Assert.Equal(minute < 3, cache.Contains("unused"));
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(cache.TryGet("used", out _));
    }

    [Fact]
    public void Jitter_only_shortens_within_its_bound_on_every_write_path()
    {
        var clock = new FakeClock();
        var life = Lifetime.FreshFor(TimeSpan.FromSeconds(1000)) with { Jitter = new() { Fraction = 0.1, AtMost = TimeSpan.FromSeconds(200), Source = new Random(7) } };
        using var cache = new Cache<int, int>(new() { Capacity = 100_000, TimeProvider = clock, Lifetime = life });
        cache.SetMany(Enumerable.Range(0, 2000).Select(i => KeyValuePair.Create(i, i)));
        for (int i = 2000; i < 4000; i++) cache.GetOrAdd(i, k => k);
        clock.Advance(TimeSpan.FromSeconds(799));
        Assert.Equal(4000, cache.Count);
        clock.Advance(TimeSpan.FromSeconds(100));
        Assert.InRange(cache.Count, 2200, 3200);
        clock.Advance(TimeSpan.FromSeconds(101));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void A_disposed_cache_throws_and_may_be_disposed_again()
    {
        var cache = new Cache<string, int>();
        cache.Set("a", 1);
        cache.Dispose();
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.TryGet("a", out _));
        Assert.Throws<ObjectDisposedException>(() => cache.Set("a", 1));
        Assert.Throws<ObjectDisposedException>(() => cache.Remove("a"));
        Assert.Throws<ObjectDisposedException>(() => cache.GetOrAdd("a", _ => 1));
        Assert.Throws<ObjectDisposedException>(() => cache.Count);
    }

    [Fact]
    public void Options_that_are_not_allowed_are_all_named_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => new Cache<string, int>(new()
        {
            Capacity = 0,
            Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(-2)),
            Shards = new() { Count = 3 },
            Absent = new() { Policy = EvictionPolicy.Lru },
        }));
        foreach (string part in (string[])["Capacity is 0", "at least 1", "Lifetime.Fresh is -00:00:02", "Shards.Count is 3", "power of two", "Absent.Policy is lru"])
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_are_made_on_every_path()
    {
        using var cache = new Cache<int, List<int>>(new() { Copy = new() { OnRead = static l => [.. l], OnWrite = static l => [.. l] } });
        List<int> mine = [1];
        cache.Set(1, mine);
        mine.Add(2);
        Assert.True(cache.TryGet(1, out var read) && read.Count == 1);
        read!.Add(3);
        Assert.True(cache.TryPeek(1, out var peeked) && peeked.Count == 1);
        Assert.All(cache, pair => pair.Value.Add(9));
        cache.GetMany([1]).Found[1].Add(9);
        cache.GetOrAdd(1, _ => []).Add(9);
        var added = cache.GetOrAdd(2, _ => mine);
        added.Add(9);
        Assert.Equal(2, cache.GetOrAdd(2, _ => []).Count);
        Assert.Equal([1], cache.GetOrAdd(1, _ => []));
    }

    [Fact]
    public async Task An_absence_is_told_from_a_value_everywhere()
    {
        var removals = new List<Removal<string, int>>();
        var cache = new Cache<string, int>(new() { Absent = new() { Capacity = 2 }, Removed = removals.Add });
        cache.SetAbsentMany(["a", "b", "c"]);
        Assert.Equal(ReadStatus.Absent, cache.Read("c", out _));
        Assert.Empty(cache);
        cache.Set("c", 0);
        Assert.Equal(ReadStatus.Hit, cache.Read("c", out _));
        cache.SetAbsent("c");
        Assert.False(cache.Contains("c"));
        Assert.False(cache.Remove("c"));
        Assert.Equal(ReadStatus.Miss, cache.Read("c", out _));
        await cache.DisposeAsync();
        Assert.Equal(1, removals.Count(r => r is { Cause: RemovalCause.Evicted, WasAbsent: true }));
        Assert.Equal(2, removals.Count(r => r.Cause == RemovalCause.Replaced));
        Assert.Equal(1, removals.Count(r => r is { Cause: RemovalCause.Removed, WasAbsent: true }));
    }

    [Fact]
    public void Hits_and_overwrites_allocate_nothing()
    {
        var value = new object();
        using var strings = new Cache<string, object>(new() { Lifetime = Lifetime.FreshFor(TimeSpan.FromHours(1)) });
        using var ints = new Cache<int, object>();
        strings.Set("k", value);
        ints.Set(1, value);
        Use(100);
        Assert.Equal(0, Allocations.Of(() => Use(10_000)));

        void Use(int times)
        {
            for (int i = 0; i < times; i++)
            {
                strings.TryGet("k", out _);
                strings.TryGet("k".AsSpan(), out _);
                ints.TryGet(1, out _);
                strings.Set("k", value);
                ints.Set(1, value);
            }
        }
    }

    private readonly record struct Colliding(int Id)
    {
        public override int GetHashCode() => 0;
    }
}
