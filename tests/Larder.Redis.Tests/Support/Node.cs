namespace Larder.Redis.Tests.Support;

/// <summary>What one process has: a link and a cache over it.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly RedisClient _client;

    private Node(RedisClient client, Func<string, CancellationToken, ValueTask<string>>? load, TimeSpan lease)
    {
        _client = client;
        Cache = new(load ?? (static (key, _) => new($"loaded {key}")), new()
        {
            Name = "node",
            Tiers = [new(new RedisTier(client, "node")) { Breaker = new() { OpenDuration = TimeSpan.FromMilliseconds(100), SuccessThreshold = 1, HalfOpenProbes = 1 } }],
            Coherence = new(new TrackingChannel(client, "node")) { Leases = load is null ? null : new RedisLeases(client, "node"), LeaseDuration = lease },
            Payloads = new() { MaxLength = 1000 },
        });
    }

    public LoadingCache<string, string> Cache { get; }

    public RedisClient Client => _client;

    /// <summary>Opens one. With a loader of its own it has leases too.</summary>
    public static async Task<Node> OpenAsync(RedisOptions options, Func<string, CancellationToken, ValueTask<string>>? load = null, double leaseSeconds = 10)
    {
        var node = new Node(await RedisClient.ConnectAsync(options), load, TimeSpan.FromSeconds(leaseSeconds));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!node.Cache.CoherenceStatistics.IsLinked) await Task.Delay(5, patience.Token);
        return node;
    }

    /// <summary>As if the process were killed: nothing is said any more.</summary>
    public ValueTask DieAsync() => _client.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        await _client.DisposeAsync();
    }
}
