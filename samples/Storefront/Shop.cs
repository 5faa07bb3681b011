using Larder;

namespace Storefront;

/// <summary>The shop's caches, and the last request for the page to show.</summary>
internal sealed class Shop : IDisposable
{
    public const int PageSize = 12;

    private readonly Cache<string, Product> _products = new(new()
    {
        Capacity = 300,
        Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) with { Jitter = new() },
        Absent = new() { Capacity = 500, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) },
    });

    private readonly Cache<string, Suggestion[]> _searches = new(new() { Capacity = 1_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) });
    private readonly Cache<string, Category[]> _reports = new(new() { Capacity = 10, Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(30)) });

    private volatile LastRequest? _last;

    public Shop(Catalogue catalogue)
    {
        Catalogue = catalogue;
        Products = new(_products, catalogue.FindAsync);
        Searches = new(_searches, catalogue.SearchAsync);
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

    public bool TryPrice(string id, decimal price)
    {
        // The source first, then the cache: the other way round, a reader between the two would bring back the old price.
        if (!Catalogue.TryPrice(id, price)) return false;
        Products.Invalidate(id);
        _reports.Clear();
        return true;
    }

    public void Clear()
    {
        Products.Clear();
        Searches.Clear();
        _reports.Clear();
    }

    public Figures Measure(bool hasVisitors)
    {
        var done = _products.Statistics;
        var (loads, failures, average) = Products.Loads;
        return new(done.HitRatio, done.Hits, done.Misses, done.AbsentHits, done.Evictions, _products.Count, _products.Capacity,
            loads, failures, average, _searches.Statistics.HitRatio, _searches.Statistics.AbsentHits, hasVisitors, _last);
    }

    public void Dispose()
    {
        _products.Dispose();
        _searches.Dispose();
        _reports.Dispose();
    }
}

internal sealed record LastRequest(string Id, string From, double Milliseconds);

internal sealed record Figures(
    double HitRatio, long Hits, long Misses, long AbsentHits, long Evictions, int Count, long Capacity, long Loads, long LoadFailures,
    double AverageLoadMilliseconds, double SearchHitRatio, long SearchAbsentHits, bool HasVisitors, LastRequest? Last);
