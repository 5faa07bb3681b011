using Larder.Contracts;
using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

/// <summary>A tier over a cluster promises what every tier does.</summary>
[Collection(SharedCluster.Name)]
public sealed class ClusterTierContract(ClusterFixture cluster) : CacheTierContract, IAsyncLifetime
{
    private RedisClient? _client;

    public async ValueTask InitializeAsync()
    {
        await cluster.EmptyAsync();
        _client = await RedisClient.ConnectAsync(cluster.Options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
    }

    protected override ValueTask<ICacheTier> OpenAsync() => new(new RedisTier(_client!, "contract"));
}
