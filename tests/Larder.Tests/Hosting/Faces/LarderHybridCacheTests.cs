using System.Buffers;
using System.Text;
using Larder.Contracts.Faces;
using Larder.TestKit;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Larder.Tests.Hosting.Faces;

public sealed class HybridCacheOfLarder : HybridCacheContract
{
    protected override HybridCache Open() => new LarderHybridCache(new() { TimeProvider = Clock });
}

public sealed class HybridCacheCallsOfLarder : HybridCacheCallContract
{
    protected override HybridCache Open() => new LarderHybridCache(new() { TimeProvider = Clock });
}

/// <summary>By the system's clock, so on the short path of a hit where there is one.</summary>
public sealed class HybridCacheStampedesOfLarder : HybridCacheStampedeContract
{
    protected override HybridCache Open() => new LarderHybridCache();
}

public sealed class HybridCacheStampedesOfLarderOverATier : HybridCacheStampedeContract
{
    protected override HybridCache Open() => new LarderHybridCache(new() { Tiers = [new(new InMemoryTier())] });
}

/// <summary>What is ours alone, and what it does with tiers and with a container.</summary>
public sealed class LarderHybridCacheTests
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly FakeClock _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_line_in_a_container_takes_the_place_of_Microsofts()
    {
        using var provider = new ServiceCollection().AddLarderHybridCache(o => o with { Capacity = 10 }).Services.BuildServiceProvider();
        var cache = Assert.Single(provider.GetServices<HybridCache>());
        Assert.Same(provider.GetRequiredService<LarderHybridCache>(), cache);
        Assert.Equal(1, await cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(1), cancellationToken: Cancel));
        Assert.Equal(1, provider.GetRequiredService<LarderHybridCache>().Statistics.Loads);
        Assert.Equal(10, provider.GetRequiredService<CacheDirectory>().Find("hybrid")!.Capacity);
    }

    [Fact]
    public async Task The_containers_distributed_cache_is_a_tier_unless_it_is_in_memory()
    {
        await using var inMemory = new ServiceCollection().AddDistributedMemoryCache().AddLarderHybridCache().Services.BuildServiceProvider();
        Assert.Null(inMemory.GetRequiredService<LarderHybridCache>().Cache.Loads.Tiers);
        var shared = new LarderDistributedCache(new() { Tiers = [new(new InMemoryTier())] });
        for (int process = 0; process < 2; process++)
        {
            await using var provider = new ServiceCollection().AddSingleton<IDistributedCache>(new ShakyDistributedCache(shared)).AddLarderHybridCache().Services.BuildServiceProvider();
            Assert.Equal("first", await provider.GetRequiredService<HybridCache>().GetOrCreateAsync("key", process, static (process, _) => new ValueTask<string>(process == 0 ? "first" : "second"), cancellationToken: Cancel));
        }
    }

    [Fact]
    public async Task Serializers_come_from_the_container_and_the_last_factory_counts()
    {
        await using var provider = new ServiceCollection().AddLarderHybridCache()
            .AddSerializer<Point, PointSerializer>().AddSerializerFactory(new Shouting("a")).AddSerializerFactory(new Shouting("b"))
            .Services.BuildServiceProvider();
        var cache = provider.GetRequiredService<HybridCache>();
        await cache.SetAsync("point", new Point { X = 1 }, cancellationToken: Cancel);
        await cache.SetAsync("words", new List<string> { "word" }, cancellationToken: Cancel);
        Assert.Equal(1001, (await cache.GetOrCreateAsync("point", static _ => new ValueTask<Point>(new Point()), cancellationToken: Cancel)).X);
        Assert.Equal(["b"], await cache.GetOrCreateAsync("words", static _ => new ValueTask<List<string>>([]), cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_hit_allocates_nothing_though_its_key_is_written_for_it()
    {
        await using var cache = new LarderHybridCache();
        await cache.SetAsync("user:7", "value", tags: ["users"], cancellationToken: Cancel);
        Hits(cache, 7);
        Assert.Equal(0, Allocations.Of(() => Hits(cache, 7)));
        Assert.Equal(0, cache.Statistics.Loads);

        static void Hits(LarderHybridCache cache, int id)
        {
            string key = "user:7";
            for (int i = 0; i < 100; i++)
            {
                Find(cache.GetOrCreateAsync(key, 0, static (_, _) => new ValueTask<string>("made")));
                Find(cache.GetOrCreateAsync($"user:{id}", 0, static (_, _) => new ValueTask<string>("made")));
            }
        }

        // An assertion of equality would allocate.
        static void Find(ValueTask<string> found) => Assert.True(found.Result == "value");
    }

    [Fact]
    public async Task A_stale_value_is_served_while_a_callers_factory_refreshes_it()
    {
        await using var cache = new LarderHybridCache(new() { TimeProvider = _clock, Lifetime = new() { Fresh = _minute, Stale = _minute } });
        await Get(cache, 1);
        _clock.Advance(_minute);
        Assert.Equal(1, await Get(cache, 2));
        await cache.Cache.Loads.QuietAsync();
        Assert.Equal(2, await Get(cache, 3));
    }

    [Fact]
    public async Task An_old_value_is_fallen_back_on_when_the_factory_fails()
    {
        await using var cache = new LarderHybridCache(new() { TimeProvider = _clock, Lifetime = new() { Fresh = _minute, Fallback = _minute } });
        await Get(cache, 1);
        _clock.Advance(_minute);
        Assert.Equal(1, await cache.GetOrCreateAsync<int>("key", static _ => throw new FormatException(), cancellationToken: Cancel));
        _clock.Advance(_minute);
        await Assert.ThrowsAsync<FormatException>(async () => await cache.GetOrCreateAsync<int>("key", static _ => throw new FormatException(), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Memory_and_tiers_keep_values_each_for_their_time()
    {
        var tier = new InMemoryTier(timeProvider: _clock, isShared: true);
        HybridCacheEntryOptions options = new() { Expiration = TimeSpan.FromMinutes(10), LocalCacheExpiration = _minute };
        await using LarderHybridCache one = Over(tier), other = Over(tier);
        await one.SetAsync("key", 1, options, cancellationToken: Cancel);
        await other.SetAsync("key", 2, options, cancellationToken: Cancel);
        Assert.Equal(1, await Get(one, 3, options));
        _clock.Advance(_minute);
        Assert.Equal(2, await Get(one, 3, options));
        _clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(3, await Get(one, 3, options));
    }

    [Fact]
    public async Task Flags_leave_out_memory_or_tiers_or_both()
    {
        var tier = new InMemoryTier(timeProvider: _clock, isShared: true);
        await using LarderHybridCache one = Over(tier), other = Over(tier);
        await one.SetAsync("key", 1, cancellationToken: Cancel);
        await other.SetAsync("key", 2, cancellationToken: Cancel);

        // By turns: memory's, the tier's, and what is made.
        Assert.Equal(1, await Get(one, 9));
        Assert.Equal(2, await Get(one, 9, HybridCacheEntryFlags.DisableLocalCache));
        Assert.Equal(1, await Get(one, 9, HybridCacheEntryFlags.DisableDistributedCacheRead));
        Assert.Equal(3, await Get(one, 3, HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead | HybridCacheEntryFlags.DisableDistributedCacheWrite));
        Same([3, 2], [await Get(one, 9), await Get(one, 9, HybridCacheEntryFlags.DisableLocalCache)]);
        await one.SetAsync("key", 4, new() { Flags = HybridCacheEntryFlags.DisableLocalCacheWrite }, cancellationToken: Cancel);
        Same([4, 4], [await Get(one, 9), await Get(one, 9, HybridCacheEntryFlags.DisableLocalCache)]);
        Assert.Equal(4, await Get(one, 9, HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableUnderlyingData));
        Assert.Equal(4, await Get(one, 9));
    }

    [Fact]
    public async Task Every_kind_of_value_comes_back_from_a_tier_and_what_may_be_shared_is_read_once()
    {
        var tier = new InMemoryTier(isShared: true);
        await using LarderHybridCache one = new(new() { Tiers = [new(tier)] }), other = new(new() { Tiers = [new(tier)] });
        await one.SetAsync("text", "Grüße", cancellationToken: Cancel);
        await one.SetAsync<string?>("null", null, cancellationToken: Cancel);
        await one.SetAsync("list", new List<int> { 1 }, cancellationToken: Cancel);
        string text = await other.GetOrCreateAsync("text", static _ => new ValueTask<string>(""), cancellationToken: Cancel);
        Assert.Equal("Grüße", text);
        Assert.Same(text, await other.GetOrCreateAsync("text", static _ => new ValueTask<string>(""), cancellationToken: Cancel));
        Assert.Null(await other.GetOrCreateAsync("null", static _ => new ValueTask<string?>(""), cancellationToken: Cancel));
        var list = await other.GetOrCreateAsync("list", static _ => new ValueTask<List<int>>([]), cancellationToken: Cancel);
        Assert.Equal([1], list);
        Assert.NotSame(list, await other.GetOrCreateAsync("list", static _ => new ValueTask<List<int>>([]), cancellationToken: Cancel));
    }

    [Fact]
    public async Task What_a_tier_has_of_another_type_is_made_anew()
    {
        var tier = new InMemoryTier(isShared: true);
        await using LarderHybridCache one = new(new() { Tiers = [new(tier)] }), other = new(new() { Tiers = [new(tier)] });
        await one.SetAsync("key", "text", cancellationToken: Cancel);
        Assert.Equal(7, await other.GetOrCreateAsync("key", static _ => new ValueTask<int>(7), cancellationToken: Cancel));
        Assert.Equal(7, await other.GetOrCreateAsync("key", static _ => new ValueTask<int>(8), cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_value_that_is_too_large_stays_in_memory()
    {
        var tier = new InMemoryTier();
        await using var cache = new LarderHybridCache(new() { MaximumPayloadBytes = 8, Tiers = [new(tier)] });
        Assert.Equal(10, (await cache.GetOrCreateAsync("key", static _ => new ValueTask<byte[]>(new byte[10]), cancellationToken: Cancel)).Length);
        Assert.Equal(10, (await cache.GetOrCreateAsync("key", static _ => new ValueTask<byte[]>([]), cancellationToken: Cancel)).Length);
        Assert.Equal(0, tier.Count);
    }

    [Fact]
    public async Task A_value_is_written_once_and_read_for_each_caller()
    {
        var serializer = new Counting();
        await using var provider = new ServiceCollection().AddLarderHybridCache().AddSerializer(serializer).Services.BuildServiceProvider();
        var cache = provider.GetRequiredService<HybridCache>();
        for (int i = 1; i < 4; i++)
        {
            await cache.GetOrCreateAsync("key", static _ => new ValueTask<Point>(new Point()), cancellationToken: Cancel);
            Assert.Equal((1, i), (serializer.Writes, serializer.Reads));
        }
    }

    [Fact]
    public async Task What_a_serializer_throws_goes_to_the_caller()
    {
        await using var provider = new ServiceCollection().AddLarderHybridCache().AddSerializer(new Broken()).Services.BuildServiceProvider();
        var cache = provider.GetRequiredService<HybridCache>();
        await Assert.ThrowsAsync<FormatException>(async () => await cache.GetOrCreateAsync("write", static _ => new ValueTask<StringBuilder>(new StringBuilder("write")), cancellationToken: Cancel));
        await Assert.ThrowsAsync<FormatException>(async () => await cache.GetOrCreateAsync("read", static _ => new ValueTask<StringBuilder>(new StringBuilder("read")), cancellationToken: Cancel));
    }

    [Fact]
    public void Every_fault_of_the_options_is_named_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => new LarderHybridCache(new() { MaximumKeyLength = 0, MaximumPayloadBytes = 0, DefaultEntryOptions = new() { Expiration = TimeSpan.Zero } }));
        Assert.All(["MaximumKeyLength is 0", "MaximumPayloadBytes is 0", "DefaultEntryOptions.Expiration is 00:00:00"], fault => Assert.Contains(fault, error.Message, StringComparison.Ordinal));
    }

    // Arrays, for a span cannot wait.
    private static void Same<T>(T[] expected, T[] actual) => Assert.Equal(expected, actual);

    private LarderHybridCache Over(InMemoryTier tier) => new(new() { TimeProvider = _clock, Tiers = [new(tier)] });

    private static ValueTask<int> Get(HybridCache cache, int made, HybridCacheEntryFlags flags) => Get(cache, made, new HybridCacheEntryOptions { Flags = flags });

    private static ValueTask<int> Get(HybridCache cache, int made, HybridCacheEntryOptions? options = null) =>
        cache.GetOrCreateAsync("key", made, static (made, _) => new ValueTask<int>(made), options, cancellationToken: Cancel);

    private sealed class Point
    {
        public int X { get; set; }
    }

    private sealed class PointSerializer : IHybridCacheSerializer<Point>
    {
        public Point Deserialize(ReadOnlySequence<byte> source) => new() { X = 1000 + source.FirstSpan[0] };

        public void Serialize(Point value, IBufferWriter<byte> target) => target.Write((ReadOnlySpan<byte>)[(byte)value.X]);
    }

    private sealed class Counting : IHybridCacheSerializer<Point>
    {
        public int Reads { get; private set; }

        public int Writes { get; private set; }

        public Point Deserialize(ReadOnlySequence<byte> source)
        {
            Reads++;
            return new();
        }

        public void Serialize(Point value, IBufferWriter<byte> target) => Writes++;
    }

    private sealed class Shouting(string word) : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = typeof(T) == typeof(List<string>) ? (IHybridCacheSerializer<T>)(object)new Serializer(word) : null;
            return serializer is not null;
        }

        private sealed class Serializer(string word) : IHybridCacheSerializer<List<string>>
        {
            public List<string> Deserialize(ReadOnlySequence<byte> source) => [word];

            public void Serialize(List<string> value, IBufferWriter<byte> target) => target.Write((ReadOnlySpan<byte>)[1]);
        }
    }

    private sealed class Broken : IHybridCacheSerializer<StringBuilder>
    {
        public StringBuilder Deserialize(ReadOnlySequence<byte> source) => throw new FormatException();

        public void Serialize(StringBuilder value, IBufferWriter<byte> target)
        {
            if (value.ToString() == "write") throw new FormatException();
            target.Write((ReadOnlySpan<byte>)[1]);
        }
    }
}
