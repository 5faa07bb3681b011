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

    [Fact]
    public async Task A_server_that_throws_the_generation_out_brings_back_nothing_that_was_cleared()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var tier = new RedisTier(_client!, "test");
        using var admin = await Admin.OpenAsync(_server!.Port);
        TierKey old = new("old"), young = new("young");
        await tier.SetAsync([new(old, new byte[] { 1 }, DateTimeOffset.MaxValue)], cancel);
        await tier.ClearAsync(cancel);
        await tier.SetAsync([new(young, new byte[] { 2 }, DateTimeOffset.MaxValue)], cancel);
        Assert.Equal("1", await admin.SayAsync("DEL", "larder:test/!generation"));
        using var found = new TierPayloads(2);
        await tier.GetAsync([old, young], found, cancel);
        Assert.False(found.TryGet(0, out _) || found.TryGet(1, out _));

        // Another has been made, for all who come.
        await tier.SetAsync([new(young, new byte[] { 3 }, DateTimeOffset.MaxValue)], cancel);
        await using var other = new RedisTier(_client!, "test");
        using var again = new TierPayloads(2);
        await other.GetAsync([old, young], again, cancel);
        Assert.False(again.TryGet(0, out _));
        Assert.True(again.TryGet(1, out var payload) && payload.Span.SequenceEqual(new byte[] { 3 }));
    }

    protected override ValueTask<ICacheTier> OpenAsync() => new(new RedisTier(_client!, "test"));
}
