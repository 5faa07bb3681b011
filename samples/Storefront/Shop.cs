using Larder;

namespace Storefront;

/// <summary>The shop's caches, and the last request for the page to show.</summary>
internal sealed class Shop : IAsyncDisposable
{
    public const int PageSize = 12;

    // Fresh for half a minute, so that one sees values grow stale and be refreshed while the page is open.
    private static readonly LoadingCacheOptions<string, Product> _products = new()
    {
        Name = "products",
        Memory = new()
        {
            Capacity = 300,
            Lifetime = new() { Fresh = TimeSpan.FromSeconds(30), Stale = TimeSpan.FromMinutes(2), Fallback = TimeSpan.FromHours(1), Jitter = new() },
            Absent = new() { Capacity = 500, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) },
        },
        Failure = new() { SoftTimeout = TimeSpan.FromMilliseconds(150), Breaker = new() },
    };

    private static readonly LoadingCacheOptions<string, Suggestion[]> _searches = new()
    {
        Name = "searches",
        Memory = new() { Capacity = 1_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) },
    };

    private readonly Cache<string, Category[]> _reports = new(new() { Capacity = 10, Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(30)) });

    private volatile LastRequest? _last;

    public Shop(Catalogue catalogue)
    {
        Catalogue = catalogue;
        Products = new(catalogue.FindAsync, _products);
        Searches = new(catalogue.SearchAsync, _searches);
    }

    public Catalogue Catalogue { get; }

    public ReadThrough<Product> Products { get; }

    public ReadThrough<Suggestion[]> Searches { get; }

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

    public void Clear()
    {
        _ = Products.Cache.ClearAsync();
        _ = Searches.Cache.ClearAsync();
        _reports.Clear();
    }

    public Figures Measure(bool hasVisitors)
    {
        var done = Products.Cache.Statistics;
        return new(done.HitRatio, done.Hits, done.StaleHits, done.Fallbacks, done.Misses + done.ExpiredReads, done.AbsentHits, done.Evictions,
            Products.Cache.Count, Products.Cache.Capacity, done.Loads, done.LoadFailures, done.LoadTime.TotalMilliseconds / Math.Max(1, done.Loads), hasVisitors, _last);
    }

    public async ValueTask DisposeAsync()
    {
        await Products.DisposeAsync();
        await Searches.DisposeAsync();
        _reports.Dispose();
    }
}

internal sealed record LastRequest(string Id, string From, double Milliseconds);

internal sealed record Figures(
    double HitRatio, long Hits, long StaleHits, long Fallbacks, long Misses, long AbsentHits, long Evictions, int Count, long Capacity, long Loads, long LoadFailures,
    double AverageLoadMilliseconds, bool HasVisitors, LastRequest? Last);
