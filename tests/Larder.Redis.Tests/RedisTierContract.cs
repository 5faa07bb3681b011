using Larder.Contracts;
using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

public sealed class RedisTierContract : CacheTierContract, IAsyncLifetime
{
    private RedisServer? _server;
    private RedisClient? _client;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _client = await RedisClient.ConnectAsync(_server.Options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    protected override ValueTask<ICacheTier> OpenAsync() => new(new RedisTier(_client!, "test"));
}
