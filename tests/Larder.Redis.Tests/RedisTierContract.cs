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

    [Fact]
    public async Task What_was_loaded_before_a_removal_by_prefix_is_not_written_after_it_where_there_was_something()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var tier = new RedisTier(_client!, "test");
        TierKey absent = new("p/absent"), there = new("p/there");
        await tier.SetAsync([new(there, new byte[] { 1 }, DateTimeOffset.MaxValue)], cancel);
        using var before = new TierPayloads(2);
        await tier.GetAsync([absent, there], before, cancel);
        await tier.SetAsync([new(absent, new byte[] { 2 }, DateTimeOffset.MaxValue)], cancel);
        Assert.Equal(2, await tier.RemovePrefixesAsync([new("p/")], cancel));
        Assert.Equal(0, await tier.RemovePrefixesAsync([new("p/")], cancel));
        await tier.SetAsync([new(absent, new byte[] { 3 }, DateTimeOffset.MaxValue) { Over = before.StampOf(0) }, new(there, new byte[] { 3 }, DateTimeOffset.MaxValue) { Over = before.StampOf(1) }], cancel);
        using var after = new TierPayloads(2);
        await tier.GetAsync([absent, there], after, cancel);
        Assert.False(after.TryGet(0, out _) || after.TryGet(1, out _));
    }

    protected override ValueTask<ICacheTier> OpenAsync() => new(new RedisTier(_client!, "test"));
}
