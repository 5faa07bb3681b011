namespace Larder.Redis.Victim;

/// <summary>What one process has: a link to the server, and a cache over it.</summary>
public sealed class Member : IAsyncDisposable
{
    private readonly RedisClient _client;

    private Member(RedisClient client, LoadingCache<int, string> cache) => (_client, Cache) = (client, cache);

    public LoadingCache<int, string> Cache { get; }

    /// <summary>Whether the shared tier and the others have all that was changed here.</summary>
    public bool IsTold => Cache.CoherenceStatistics.Untold == 0 && Cache.TierStatistics.All(static tier => tier is { Waiting: 0, MustBeCleared: false });

    /// <summary>Opens one. Ends when it has a link.</summary>
    /// <param name="port">The server's, or a proxy's.</param>
    /// <param name="load">The loader.</param>
    /// <param name="lease">How long a lease lasts.</param>
    /// <param name="patience">How long a command may take, a read of the tier, and a write.</param>
    /// <param name="tracking">How the server knows what to tell.</param>
    /// <param name="around">What is to stand around the channel.</param>
    public static async Task<Member> OpenAsync(int port, Func<int, CancellationToken, ValueTask<string>> load, TimeSpan lease, TimeSpan patience,
        RedisTracking tracking, Func<IInvalidationChannel, IInvalidationChannel> around)
    {
        var client = new RedisClient(new()
        {
            Host = "127.0.0.1",
            Port = port,
            CommandTimeout = patience * 0.6,
            LinkTimeout = 2 * patience,
            Reconnect = new() { First = TimeSpan.FromMilliseconds(20), Most = TimeSpan.FromMilliseconds(200) },
            Tracking = tracking,
        });
        var cache = new LoadingCache<int, string>(load, new()
        {
            Name = "victim",
            Tiers =
            [
                new(new RedisTier(client, "victim"))
                {
                    ReadTimeout = patience,
                    WriteTimeout = patience,
                    Breaker = new() { OpenDuration = TimeSpan.FromMilliseconds(100), SuccessThreshold = 1, HalfOpenProbes = 1 },
                },
            ],
            Coherence = new(around(new TrackingChannel(client, "victim"))) { Leases = new RedisLeases(client, "victim"), LeaseDuration = lease },
        });
        var member = new Member(client, cache);
        while (!cache.CoherenceStatistics.IsLinked) await Task.Delay(5);
        return member;
    }

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        await _client.DisposeAsync();
    }
}
