using Larder;

namespace Storefront;

/// <summary>The shop's caches, and the last request for the page to show.</summary>
internal sealed class Shop : IAsyncDisposable
{
    public const int PageSize = 12;

    // Fresh for a few seconds, so that one sees values grow stale and be refreshed while the page is open, and old ones be served when the database fails.
    private static LoadingCacheOptions<string, Product> Options(ICacheTier disk, RedisClient? redis, CircuitBreaker breaker) => new()
    {
        Name = "products",
        Memory = new()
        {
            Capacity = 300,
            Advice = new(),
            Lifetime = new() { Fresh = TimeSpan.FromSeconds(20), Stale = TimeSpan.FromSeconds(20), Fallback = TimeSpan.FromHours(1), Jitter = new() },
            Absent = new() { Capacity = 500, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) },
        },
        Failure = new() { SoftTimeout = TimeSpan.FromMilliseconds(150), Breaker = breaker },
        Tiers = redis is null ? [new(disk)] : [new(disk), new(new RedisTier(redis, "products"))],
        Coherence = redis is null ? null : new(new TrackingChannel(redis, "products")) { Leases = new RedisLeases(redis, "products") },
        Payloads = new() { Serializer = PayloadSerializer.Json(ShopJson.Default.Product), SchemaVersion = 1 }, // 1: with the stock.
    };

    private static LoadingCacheOptions<string, Suggestion[]> Searching(CircuitBreaker breaker) => new()
    {
        Name = "searches",
        Failure = new() { Breaker = breaker },
        Memory = new() { Capacity = 1_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) },
    };

    private readonly Cache<string, Category[]> _reports = new(new() { Capacity = 10, Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(30)) });

    private readonly RedisClient? _redis;

    private volatile LastRequest? _last;

    private Shop(Catalogue catalogue, ICacheTier disk, RedisClient? redis, Till till)
    {
        _redis = redis;
        Catalogue = catalogue;
        Till = till;
        Products = new(catalogue.FindAsync, Options(disk, redis, Breaker));
        Searches = new(catalogue.SearchAsync, Searching(Breaker));
    }

    /// <summary>Opens the shop with what the folder holds of an earlier day.</summary>
    public static async Task<Shop> OpenAsync(Catalogue catalogue, string folder, string? redis, TimeProvider time, ILogger logger)
    {
        var client = redis is null ? null : await RedisClient.ConnectAsync(RedisOptions.Parse(redis) with { Logger = logger });
        var disk = await DiskTier.OpenAsync(new() { Directory = Path.Combine(folder, "products"), CheckpointInterval = TimeSpan.FromSeconds(2), Logger = logger });
        return new(catalogue, disk, client, await Till.OpenAsync(folder, time));
    }

    public Catalogue Catalogue { get; }

    /// <summary>Both caches ask one database, so one breaker guards it.</summary>
    public CircuitBreaker Breaker { get; } = new(new() { OpenDuration = TimeSpan.FromSeconds(10) });

    /// <summary>The caches, as the dashboard shows them.</summary>
    public IEnumerable<ICacheView> Views => [CacheView.Of(Products.Cache), CacheView.Of(Searches.Cache), Till.View, CacheView.Of(_reports, "reports")];

    public ReadThrough<Product> Products { get; }

    public ReadThrough<Suggestion[]> Searches { get; }

    public Till Till { get; }

    /// <summary>Here the work is synchronous, so GetOrAdd is all it takes: concurrent callers share one call of the factory.</summary>
    public Category[] Categories => _reports.GetOrAdd("categories", static (_, catalogue) => catalogue.Summarise(), Catalogue);

    public async ValueTask<Answer<Product>> ReadAsync(string id)
    {
        var answer = await Products.ReadAsync(id);
        _last = new(id, answer.From, answer.Milliseconds);
        return answer;
    }

    public async Task<bool> TryPriceAsync(string id, decimal price)
    {
        // The source first, then the cache: the other way round, a reader between the two would bring back the old price.
        if (!Catalogue.TryPrice(id, price)) return false;
        await Products.Cache.RemoveAsync(id);
        _reports.Clear();
        return true;
    }

    /// <summary>Takes an order. Returns null if the product is sold out.</summary>
    public async Task<Order?> TryOrderAsync(Product product)
    {
        if (!Catalogue.TrySell(product.Id)) return null;
        await Products.Cache.RemoveAsync(product.Id); // Its stock is another.
        return await Till.OrderAsync(product);
    }

    public async Task ClearAsync()
    {
        await Products.Cache.ClearAsync();
        await Searches.Cache.ClearAsync();
        _reports.Clear();
    }

    public Figures Measure(int visitors)
    {
        var done = Products.Cache.Statistics;
        return new(done.HitRatio, done.Hits, done.StaleHits, done.Fallbacks, done.Misses + done.ExpiredReads, done.AbsentHits, done.Evictions,
            Products.Cache.Count, Products.Cache.Capacity, done.Loads, done.LoadFailures, done.LoadTime.TotalMilliseconds / Math.Max(1, done.Loads),
            Products.Cache.TierStatistics[0].Hits, Till.Booked, Till.Waiting, Till.BroughtBack,
            Products.Cache.TierStatistics is [_, var redis] ? redis.Hits : null, Products.Cache.CoherenceStatistics.Heard, visitors, Catalogue.IsDown,
            Breaker.State.ToString(), _last);
    }

    public async ValueTask DisposeAsync()
    {
        await Till.DisposeAsync();
        await Products.DisposeAsync();
        await Searches.DisposeAsync();
        _reports.Dispose();
        if (_redis is not null) await _redis.DisposeAsync();
    }
}

internal sealed record LastRequest(string Id, string From, double Milliseconds);

internal sealed record Figures(
    double HitRatio, long Hits, long StaleHits, long Fallbacks, long Misses, long AbsentHits, long Evictions, int Count, long Capacity, long Loads, long LoadFailures,
    double AverageLoadMilliseconds, long DiskHits, long OrdersBooked, long OrdersWaiting, long OrdersBroughtBack, long? RedisHits, long Invalidations, int Visitors, bool IsDatabaseDown, string Breaker, LastRequest? Last);
