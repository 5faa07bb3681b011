using Larder.TestKit;

namespace Larder.Tests.Tiers;

/// <summary>A scripted source under a cache with tiers, on fake time: fresh 10 s, stale 10 s more, a fallback 10 s more.</summary>
internal sealed class TieredShop : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<string> _asked = [];

    public TieredShop(IReadOnlyList<TierOptions> tiers, FakeClock? clock = null, Func<LoadingCacheOptions<string, string>, LoadingCacheOptions<string, string>>? change = null)
    {
        Clock = clock ?? new();
        var options = new LoadingCacheOptions<string, string>
        {
            Name = "shop",
            Memory = new() { Lifetime = Loading.Shop.Ages, TimeProvider = Clock },
            Loaders = [Loader.For<string, string>(Answer)],
            Failure = new() { Backoff = null },
            Tiers = tiers,
        };
        Cache = new(change?.Invoke(options) ?? options);
    }

    public FakeClock Clock { get; }

    public LoadingCache<string, string> Cache { get; }

    public Func<LoadRequest<string, string>, ValueTask<Loaded<string>>> Answers { get; set; } = static request => new($"new {request.Key}");

    public int Calls { get { lock (_gate) return _asked.Count; } }

    public TierStatistics Tier(int level) => Cache.Loads.Tiers!.Tiers[level].Statistics;

    public static TierKey Name(string key) => new($"shop/0/s/{key}");

    /// <summary>Ends when the tiers have all they were given.</summary>
    public async Task Settled()
    {
        foreach (var tier in Cache.Loads.Tiers!.Tiers) await tier.Writer.DrainAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Lets time pass until a tier that failed has all it was given. The clock moves only while the writer sleeps by it, so no more time passes than its rests take.</summary>
    public async Task Recovered(int level = 0)
    {
        var writer = Cache.Loads.Tiers!.Tiers[level].Writer;
        while (writer.Waiting > 0 || writer.MustClear)
        {
            if (writer.Rest is { IsCompleted: false }) Clock.Advance(TimeSpan.FromMilliseconds(100));
            else await Task.Delay(1);
        }

        await Settled();
    }

    public async ValueTask DisposeAsync()
    {
        Cache.CheckIntegrity();
        await Cache.DisposeAsync();
    }

    private ValueTask<Loaded<string>> Answer(LoadRequest<string, string> request, CancellationToken cancellationToken)
    {
        lock (_gate) _asked.Add(request.Key);
        return Answers(request);
    }
}
