namespace Larder.Redis.Tests.Support;

/// <summary>What one process has: a link and a cache over it.</summary>
internal sealed class Node : IAsyncDisposable
{
    // Commands have bounds of their own.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly RedisClient _client;

    private Node(RedisClient client, Func<string, CancellationToken, ValueTask<string>>? load, TimeSpan lease)
    {
        _client = client;
        Cache = new(load ?? (static (key, _) => new($"loaded {key}")), new()
        {
            Name = "node",
            Tiers = [new(new RedisTier(client, "node")) { ReadTimeout = _patience, WriteTimeout = _patience, Breaker = new() { OpenDuration = TimeSpan.FromMilliseconds(100), SuccessThreshold = 1, HalfOpenProbes = 1 } }],
            Coherence = new(new TrackingChannel(client, "node")) { Leases = load is null ? null : new RedisLeases(client, "node"), LeaseDuration = lease },
            Payloads = new() { MaxLength = 1000 },
        });
    }

    public LoadingCache<string, string> Cache { get; }

    public RedisClient Client => _client;

    /// <summary>So that nothing is given up because the machine stands still for a while.</summary>
    public static RedisOptions Patient(RedisOptions options) => options with { CommandTimeout = _patience, LinkTimeout = 2 * _patience };

    /// <summary>Opens one. With a loader of its own it has leases too.</summary>
    public static async Task<Node> OpenAsync(RedisOptions options, Func<string, CancellationToken, ValueTask<string>>? load = null, double leaseSeconds = 60)
    {
        var node = new Node(await RedisClient.ConnectAsync(options), load, TimeSpan.FromSeconds(leaseSeconds));
        using var patience = new CancellationTokenSource(_patience);
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
