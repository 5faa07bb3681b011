using Larder.Tests.Tiers;

namespace Larder.Tests.Coherence;

/// <summary>What another process has removed by the beginning of its keys.</summary>
public sealed class PrefixTests : IAsyncDisposable
{
    private readonly InProcessBus _bus = new();
    private readonly InMemoryTier _own = new(name: "own");
    private readonly IInvalidationChannel _teller;
    private readonly TieredShop _shop;

    public PrefixTests()
    {
        _teller = _bus.Join();
        _shop = new([new(_own) { IsOwned = false }], change: options => options with { Coherence = new(_bus.Join()) });
    }

    [Fact]
    public async Task Goes_and_nothing_else_does()
    {
        foreach (string key in new[] { "user/1", "user/2", "users", "shop/1" }) await _shop.Cache.GetAsync(key);
        await _shop.Cache.SetAbsentAsync("user/3");
        await TellAsync("user/");
        Assert.Equal([false, false, true, true], new[] { "user/1", "user/2", "users", "shop/1" }.Select(key => _shop.Cache.Contains(key)));
        await _shop.Settled();
        Assert.Equal(0, _own.Count);
        int calls = _shop.Calls;
        foreach (string key in new[] { "user/1", "user/2", "user/3", "users", "shop/1" }) Assert.Equal($"new {key}", await _shop.Cache.GetAsync(key));
        Assert.Equal(calls + 3, _shop.Calls);
    }

    [Fact]
    public async Task Is_not_kept_if_it_was_being_loaded_and_what_else_was_being_loaded_is()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _shop.Answers = async request =>
        {
            await gate.Task;
            return $"old {request.Key}";
        };
        Task<string?>[] reads = [_shop.Cache.GetAsync("user/1").AsTask(), _shop.Cache.GetAsync("shop/1").AsTask()];
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
            while (_shop.Calls < reads.Length) await Task.Delay(1, patience.Token);
        await TellAsync("user/");
        gate.SetResult();
        Assert.Equal(["old user/1", "old shop/1"], (IEnumerable<string?>)await Task.WhenAll(reads));
        Assert.Equal((false, true), (_shop.Cache.Contains("user/1"), _shop.Cache.Contains("shop/1")));
    }

    [Fact]
    public async Task Is_everything_if_all_keys_begin_so_and_nothing_if_none_does()
    {
        await _shop.Cache.GetAsync("user/1");
        await _teller.PublishAsync(Invalidation.OfPrefix(new("other/")));
        Assert.True(_shop.Cache.Contains("user/1"));
        await _teller.PublishAsync(Invalidation.OfPrefix(new("shop/")));
        Assert.False(_shop.Cache.Contains("user/1"));
    }

    [Fact]
    public async Task Takes_the_stamps_of_tags_along_if_they_begin_so()
    {
        await _shop.Cache.SetAsync("user/1", "old", tags: ["x"]);
        await _teller.PublishAsync(Invalidation.OfPrefix(new("shop/!tag/x")));
        Assert.False(_shop.Cache.Contains("user/1"));
    }

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        await _own.DisposeAsync();
    }

    private ValueTask TellAsync(string beginning) => _teller.PublishAsync(Invalidation.OfPrefix(TieredShop.Name(beginning)));
}
