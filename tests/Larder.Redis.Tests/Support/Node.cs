namespace Larder.Redis.Tests.Support;

/// <summary>What one process has: a link and a cache over it.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly RedisClient _client;

    private Node(RedisClient client)
    {
        _client = client;
        Cache = new(static (key, _) => new($"loaded {key}"), new()
        {
            Name = "node",
            Tiers = [new(new RedisTier(client, "node")) { Breaker = new() { OpenDuration = TimeSpan.FromMilliseconds(100), SuccessThreshold = 1, HalfOpenProbes = 1 } }],
            Coherence = new(new TrackingChannel(client, "node")),
            Payloads = new() { MaxLength = 1000 },
        });
    }

    public LoadingCache<string, string> Cache { get; }

    public static async Task<Node> OpenAsync(RedisOptions options)
    {
        var node = new Node(await RedisClient.ConnectAsync(options));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!node.Cache.CoherenceStatistics.IsLinked) await Task.Delay(5, patience.Token);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        await _client.DisposeAsync();
    }
}
