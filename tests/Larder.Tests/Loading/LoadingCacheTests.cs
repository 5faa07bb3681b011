using Larder.TestKit;

namespace Larder.Tests.Loading;

public sealed class LoadingCacheTests
{
    [Fact]
    public void Waits_longer_than_a_timer_runs_are_refused_by_name()
    {
        var longest = TimeSpan.FromDays(49);
        Assert.Empty(Waiting(longest).Faults());
        string[] faults = [.. Waiting(longest + TimeSpan.FromTicks(1)).Faults()];
        string[] names =
        [
            "Refresh.Timeout", "Failure.SoftTimeout", "Failure.HardTimeout", "Warming.StartTimeout", "Warming.Scheduled[0].Timeout", "Tiers[0].ReadTimeout", "Tiers[0].WriteTimeout",
            "Writing.Timeout", "Writing.Behind.Interval", "Writing.Behind.FlushTimeout", "Coherence.LeaseDuration",
        ];
        foreach (string name in names) Assert.Contains(faults, fault => fault.StartsWith($"{name} is 49.00:00:00.0000001; it must be above zero and at most 49 days", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Peek_contains_pairs_and_count_agree_on_what_is_alive()
    {
        await using var shop = new Shop();
        await shop.Cache.SetAsync(1, "gone", Lifetime.FreshFor(TimeSpan.FromSeconds(5)));
        await shop.Age(2, 10, "expired");
        await shop.Age(3, 11, "stale");
        await shop.Cache.SetAsync(4, "fresh");
        await shop.Cache.SetAbsentAsync(5);
        for (int key = 0; key < 7; key++)
        {
            bool isAlive = key is 3 or 4;
            Assert.Equal(isAlive, shop.Cache.Contains(key));
            Assert.Equal(isAlive, shop.Cache.Peek(key).HasValue);
            Assert.Equal(isAlive || key == 2, shop.Cache.Contains(key, includesExpired: true));
        }

        Assert.Equal([3, 4], shop.Cache.Pairs().Select(p => p.Key).Order());
        Assert.Equal([2, 3, 4], shop.Cache.Pairs(includesExpired: true).Select(p => p.Key).Order());
        Assert.Equal(2, shop.Cache.Count);
        Assert.Equal(0, shop.Calls);
        Assert.Equal(0, shop.Cache.Statistics.Hits);
    }

    [Fact]
    public async Task An_instant_belongs_to_the_later_age()
    {
        await using var shop = new Shop();
        await shop.Age(1, 0);
        foreach (var status in new[] { ReadStatus.Hit, ReadStatus.Stale, ReadStatus.Expired, ReadStatus.Miss })
        {
            Assert.Equal(status, shop.Cache.Peek(1, includesExpired: true).Status);
            shop.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
            Assert.Equal(status, shop.Cache.Peek(1, includesExpired: true).Status);
            shop.Clock.Advance(TimeSpan.FromTicks(1));
        }
    }

    [Fact]
    public async Task A_read_tells_its_value_s_age_and_what_remains_of_its_life()
    {
        await using var shop = new Shop();
        await shop.Age(1, 4);
        var read = await shop.Cache.ReadAsync(1);
        Assert.Equal((4, 6, 16, 26), ((int)read.Age.TotalSeconds, (int)read.FreshFor.TotalSeconds, (int)read.ServedFor.TotalSeconds, (int)read.KeptFor.TotalSeconds));
        Assert.NotEqual(0, read.Version);
        await shop.Cache.SetAsync(1, "old");
        Assert.NotEqual(read.Version, shop.Cache.Peek(1).Version);
    }

    [Fact]
    public async Task TryGet_finds_fresh_and_stale_values_refreshes_the_stale_and_never_loads()
    {
        await using var shop = new Shop();
        Assert.False(shop.Cache.TryGet(1, out _));
        await shop.Age(1, 11);
        Assert.True(shop.Cache.TryGet(1, out string? value));
        Assert.Equal("old", value);
        await shop.Quiet();
        Assert.True(shop.Cache.TryGet(1, out value));
        Assert.Equal("new", value);
        await shop.Age(1, 21);
        Assert.False(shop.Cache.TryGet(1, out _));
        Assert.Equal(1, shop.Calls);
    }

    [Fact]
    public async Task Null_and_default_are_values()
    {
        await using var texts = new LoadingCache<int, string?>(static (_, _) => new((string?)null));
        await using var numbers = new LoadingCache<int, int>(static (_, _) => new(0));
        Assert.Null(await texts.GetAsync(1));
        Assert.True((await texts.ReadAsync(1)) is { HasValue: true, Status: ReadStatus.Hit, Value: null });
        Assert.Equal(0, await numbers.GetAsync(1));
        Assert.True((await numbers.ReadAsync(1)).HasValue);
        Assert.Equal((1, 1), (texts.Statistics.Loads, numbers.Statistics.Loads));
    }

    [Fact]
    public async Task Each_reader_gets_a_copy_of_its_own_on_every_path()
    {
        int copied = 0;
        var gate = new TaskCompletionSource<List<int>>();
        var clock = new FakeClock();
        await using var cache = new LoadingCache<int, List<int>>((_, _) => new(gate.Task), new()
        {
            Memory = new()
            {
                TimeProvider = clock,
                Lifetime = Shop.Ages,
                Copy = new()
                {
                    OnRead = list =>
                    {
                        Interlocked.Increment(ref copied);
                        return [.. list];
                    },
                    OnWrite = static list => [.. list, 99],
                },
            },
        });
        Task<List<int>?>[] joined = [cache.GetAsync(1).AsTask(), cache.GetAsync(1).AsTask(), cache.GetAsync(1).AsTask()];
        var original = new List<int> { 1 };
        gate.SetResult(original);
        var all = (await Task.WhenAll(joined)).ToList();
        all.Add(await cache.GetAsync(1));
        all.Add((await cache.ReadAsync(1)).Value);
        all.Add((await cache.ReadManyAsync([1]))[1].Value);
        all.Add(cache.Peek(1).Value);
        Assert.True(cache.TryGet(1, out var got));
        all.Add(got);
        all.Add(cache.Pairs().Single().Value);
        clock.Advance(TimeSpan.FromSeconds(11));
        all.Add(await cache.GetAsync(1));
        Assert.All(all, list => Assert.Equal([1, 99], list));
        Assert.Equal(all.Count, all.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal([1], original);
        Assert.True(copied >= all.Count);
    }

    [Fact]
    public async Task A_loader_decides_how_long_and_whether_its_value_is_kept()
    {
        await using var shop = new Shop();
        shop.Answers = static (_, _) => new(new Loaded<string>("short") { Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(1)) });
        await shop.Cache.GetAsync(1);
        Assert.Equal(TimeSpan.FromSeconds(1), shop.Cache.Peek(1).KeptFor);
        shop.Answers = static (_, _) => new(new Loaded<string>("not kept") { IsKept = false });
        Assert.Equal("not kept", await shop.Cache.GetAsync(2));
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(2).Status);
        shop.Answers = static (_, _) => new(new Loaded<string>("bad") { Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(-1)) });
        await Assert.ThrowsAsync<ArgumentException>(() => shop.Cache.GetAsync(3).AsTask());
    }

    [Fact]
    public async Task Lifetimes_are_computed_from_key_and_value_and_jitter_shortens_them_on_every_path()
    {
        await using var shop = new Shop(o => o with
        {
            Memory = o.Memory with { LifetimeOf = static (key, _) => key == 1 ? null : Lifetime.FreshFor(TimeSpan.FromSeconds(1000)) with { Jitter = new() { Fraction = 0.5 } } },
        });
        await shop.Cache.SetAsync(1, "x");
        Assert.Equal(TimeSpan.FromSeconds(10), shop.Cache.Peek(1).FreshFor);
        for (int key = 2; key < 500; key++)
        {
            if (key % 2 == 0) await shop.Cache.SetAsync(key, "x");
            else await shop.Cache.GetAsync(key);
        }

        double[] lives = [.. Enumerable.Range(2, 498).Select(key => shop.Cache.Peek(key).FreshFor.TotalSeconds)];
        Assert.All(lives, life => Assert.InRange(life, 499, 1000));
        Assert.True(lives.Distinct().Count() > 400);
    }

    [Fact]
    public async Task Idle_entries_live_by_being_read_and_no_longer_than_their_lifetime()
    {
        await using var shop = new Shop(o => o with { Memory = o.Memory with { Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(10)) with { Idle = TimeSpan.FromSeconds(3) } } });
        await shop.Cache.SetAsync(1, "x");
        for (int second = 0; second < 8; second += 2)
        {
            shop.Clock.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("x", await shop.Cache.GetAsync(1));
        }

        shop.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(1).Status);
        await shop.Cache.SetAsync(1, "x");
        shop.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(1).Status);
    }

    [Fact]
    public async Task Removals_are_told_with_the_value_and_the_cause()
    {
        var told = new List<Removal<int, string>>();
        var shop = new Shop(o => o with { Memory = o.Memory with { Removed = removal => { lock (told) told.Add(removal); } } });
        await shop.Cache.SetAsync(1, "a");
        await shop.Cache.SetAsync(1, "b");
        await shop.Cache.RemoveAsync(1);
        await shop.Cache.SetAbsentAsync(2);
        await shop.Cache.SetAsync(2, "c");
        await shop.DisposeAsync();
        Assert.Equal(
            [new(1, "a", RemovalCause.Replaced, false), new(1, "b", RemovalCause.Removed, false), new(2, null, RemovalCause.Replaced, true), new(2, "c", RemovalCause.Cleared, false)],
            told);
    }

    [Fact]
    public async Task Weights_bound_what_is_kept_and_what_outweighs_the_cache_is_returned_all_the_same()
    {
        await using var shop = new Shop(o => o with { Memory = o.Memory with { Capacity = 10, Weigher = static (_, text) => text.Length } });
        for (int key = 0; key < 20; key++) await shop.Cache.GetAsync(key);
        Assert.InRange(shop.Cache.Weight, 1, 10);
        shop.Answers = static (_, _) => new("longer than ten");
        Assert.Equal("longer than ten", await shop.Cache.GetAsync(99));
        Assert.Equal(ReadStatus.Miss, shop.Cache.Peek(99).Status);
    }

    [Fact]
    public async Task Without_loaders_a_miss_is_a_miss()
    {
        await using var cache = new LoadingCache<int, string>(new LoadingCacheOptions<int, string>());
        Assert.Null(await cache.GetAsync(1));
        Assert.Equal((ReadStatus.Miss, false), (await cache.ReadAsync(1)) is var r ? (r.Status, r.HasValue) : default);
        Assert.Equal("called", await cache.GetAsync(1, static (_, text, _) => new ValueTask<string>(text), "called"));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => cache.GetRequiredAsync(2).AsTask());
    }

    [Fact]
    public async Task A_stale_value_is_refreshed_by_the_loader_of_the_call_that_read_it()
    {
        var clock = new FakeClock();
        await using var cache = new LoadingCache<int, string>(new LoadingCacheOptions<int, string> { Memory = new() { TimeProvider = clock, Lifetime = Shop.Ages } });
        Assert.Equal("1", await Get("1"));
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("1", await Get("2"));
        await cache.Loads.QuietAsync();
        Assert.Equal("2", await Get("3"));

        ValueTask<string?> Get(string text) => cache.GetAsync(1, static (_, text, _) => new ValueTask<string>(text), text);
    }

    [Fact]
    public void Every_fault_of_the_options_is_told_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => new LoadingCache<int, string>(new LoadingCacheOptions<int, string>
        {
            Name = " ",
            Memory = new() { Capacity = 0 },
            Batches = new() { MaxBatch = 0, Window = TimeSpan.FromSeconds(1) },
            Refresh = new() { AheadBelow = 1.5 },
            Failure = new() { SoftTimeout = TimeSpan.FromSeconds(2), HardTimeout = TimeSpan.FromSeconds(1) },
        }));
        foreach (string fault in new[] { "Name is ' '", "Memory.Capacity is 0", "Batches.MaxBatch is 0", "Batches.Window is 00:00:01; it needs a batch loader", "Refresh.AheadBelow is 1.5", "Failure.SoftTimeout is 00:00:02; it must be below" })
            Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hits_fresh_or_stale_allocate_nothing(bool stale)
    {
        var never = new TaskCompletionSource<string>();
        await using var cache = new LoadingCache<int, string>((_, _) => new(never.Task), new()
        {
            Memory = new() { Lifetime = new() { Fresh = stale ? TimeSpan.Zero : TimeSpan.FromHours(1), Stale = TimeSpan.FromHours(1) } },
        });
        for (int key = 0; key < 10; key++)
        {
            await cache.SetAsync(key, "x");
            await cache.GetAsync(key);
        }

        Hits(cache);
        Assert.Equal(0, Allocations.Of(() => Hits(cache)));

        static void Hits(LoadingCache<int, string> cache)
        {
            for (int i = 0; i < 10_000; i++)
            {
                var read = cache.GetAsync(i % 10);
                Assert.True(read.IsCompletedSuccessfully && ReferenceEquals(read.Result, "x"));
            }
        }
    }

    private static LoadingCacheOptions<int, string> Waiting(TimeSpan wait) => new()
    {
        Refresh = new() { Timeout = wait },
        Failure = new() { SoftTimeout = wait == TimeSpan.FromDays(49) ? TimeSpan.FromDays(1) : wait, HardTimeout = wait },
        Warming = new() { StartTimeout = wait, Scheduled = [new() { When = Schedule.Every(wait), Keys = static _ => new([1]), Timeout = wait }] },
        Tiers = [new(new InMemoryTier()) { ReadTimeout = wait, WriteTimeout = wait }],
        Writing = new(Writer.ForMany<int, string>(static (_, _) => default)) { Timeout = wait, Behind = new() { Interval = wait, FlushTimeout = wait } },
        Coherence = new(new InProcessBus().Join()) { LeaseDuration = wait },
    };
}
