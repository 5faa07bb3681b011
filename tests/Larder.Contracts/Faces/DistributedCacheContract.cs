using System.Buffers;
using Larder.TestKit;
using Microsoft.Extensions.Caching.Distributed;

namespace Larder.Contracts.Faces;

/// <summary>What every <see cref="IDistributedCache"/> promises, and an <see cref="IBufferDistributedCache"/> where it is one too.</summary>
public abstract class DistributedCacheContract : IAsyncLifetime
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private IDistributedCache _cache = null!;

    protected FakeClock Clock { get; } = new();

    /// <summary>An empty cache.</summary>
    protected abstract IDistributedCache Open();

    public ValueTask InitializeAsync()
    {
        _cache = Open();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        if (_cache is IAsyncDisposable disposable) await disposable.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_set_is_found_by_the_synchronous_and_the_asynchronous_members_alike()
    {
        _cache.Set("sync", [1, 2], new());
        await _cache.SetAsync("async", [3], new(), Cancel);
        Assert.Equal([1, 2], await _cache.GetAsync("sync", Cancel));
        Assert.Equal([3], _cache.Get("async"));
        Assert.Null(_cache.Get("Sync"));
        Assert.Null(await _cache.GetAsync("other", Cancel));
    }

    [Fact]
    public void The_extensions_of_text_and_of_default_options_work()
    {
        _cache.SetString("text", "Grüße");
        _cache.Set("bytes", [1]);
        Assert.Equal("Grüße", _cache.GetString("text"));
        Assert.Equal([1], _cache.Get("bytes"));
    }

    [Fact]
    public void An_empty_value_and_an_empty_key_are_a_value_and_a_key()
    {
        _cache.Set("", [], new());
        Assert.Equal([], _cache.Get("")!);
    }

    [Fact]
    public async Task A_later_value_takes_the_place_of_an_earlier_one_with_its_expiration()
    {
        _cache.Set("key", [1], new() { AbsoluteExpirationRelativeToNow = _minute });
        _cache.Set("key", [2], new());
        Clock.Advance(2 * _minute);
        Assert.Equal([2], await _cache.GetAsync("key", Cancel));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_what_is_not_there_does_not_matter()
    {
        _cache.Set("a", [1], new());
        _cache.Set("b", [1], new());
        _cache.Remove("a");
        _cache.Remove("a");
        await _cache.RemoveAsync("b", Cancel);
        await _cache.RemoveAsync("none", Cancel);
        _cache.Refresh("none");
        await _cache.RefreshAsync("none", Cancel);
        Assert.Null(_cache.Get("a"));
        Assert.Null(_cache.Get("b"));
    }

    [Fact]
    public void Without_an_expiration_an_entry_stays()
    {
        _cache.Set("key", [1], new());
        Clock.Leap(TimeSpan.FromDays(1000));
        Assert.Equal([1], _cache.Get("key"));
    }

    [Fact]
    public async Task An_absolute_expiration_holds_to_the_tick_and_is_prolonged_by_nothing()
    {
        _cache.Set("relative", [1], new() { AbsoluteExpirationRelativeToNow = _minute });
        _cache.Set("absolute", [2], new() { AbsoluteExpiration = Clock.GetUtcNow() + _minute });
        _cache.Set("zone", [3], new() { AbsoluteExpiration = (Clock.GetUtcNow() + _minute).ToOffset(TimeSpan.FromHours(5)) });
        Clock.Advance(_minute - TimeSpan.FromTicks(1));
        _cache.Refresh("relative");
        Assert.Equal([1], _cache.Get("relative"));
        Assert.Equal([2], _cache.Get("absolute"));
        Assert.Equal([3], _cache.Get("zone"));
        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(_cache.Get("relative"));
        Assert.Null(await _cache.GetAsync("absolute", Cancel));
        Assert.Null(_cache.Get("zone"));
    }

    [Fact]
    public void Of_two_absolute_expirations_the_sooner_counts()
    {
        _cache.Set("a", [1], new() { AbsoluteExpirationRelativeToNow = _minute, AbsoluteExpiration = Clock.GetUtcNow() + 2 * _minute });
        _cache.Set("b", [1], new() { AbsoluteExpirationRelativeToNow = 2 * _minute, AbsoluteExpiration = Clock.GetUtcNow() + _minute });
        Clock.Advance(_minute);
        Assert.Null(_cache.Get("a"));
        Assert.Null(_cache.Get("b"));
    }

    [Fact]
    public void An_entry_whose_end_has_passed_is_not_kept_and_what_it_would_replace_goes()
    {
        _cache.Set("key", [1], new());
        _cache.Set("key", [2], new() { AbsoluteExpiration = Clock.GetUtcNow() - _minute });
        Assert.Null(_cache.Get("key"));
    }

    [Fact]
    public async Task A_sliding_expiration_begins_anew_with_every_read_and_refresh()
    {
        _cache.Set("key", [1], new() { SlidingExpiration = _minute });
        Func<Task>[] uses = [() => Task.FromResult(_cache.Get("key")), () => _cache.GetAsync("key", Cancel), () => { _cache.Refresh("key"); return Task.CompletedTask; }, () => _cache.RefreshAsync("key", Cancel)];
        foreach (var use in uses.Concat(uses))
        {
            Clock.Advance(0.9 * _minute);
            await use();
        }

        Clock.Advance(_minute - TimeSpan.FromTicks(1));
        Assert.Equal([1], _cache.Get("key"));
        Clock.Advance(2 * _minute);
        Assert.Null(_cache.Get("key"));
    }

    [Fact]
    public void Short_uses_add_up_to_no_less_than_one()
    {
        _cache.Set("key", [1], new() { SlidingExpiration = _minute });
        for (int i = 0; i < 30; i++)
        {
            Clock.Advance(0.1 * _minute);
            Assert.Equal([1], _cache.Get("key"));
        }

        Clock.Advance(0.99 * _minute);
        Assert.Equal([1], _cache.Get("key"));
    }

    [Fact]
    public void A_sliding_expiration_never_goes_beyond_the_absolute_one()
    {
        _cache.Set("key", [1], new() { SlidingExpiration = _minute, AbsoluteExpirationRelativeToNow = 2.5 * _minute });
        for (int i = 0; i < 3; i++)
        {
            Clock.Advance(0.8 * _minute);
            Assert.Equal([1], _cache.Get("key"));
        }

        Clock.Advance(0.1 * _minute);
        Assert.Null(_cache.Get("key"));
    }

    [Fact]
    public async Task What_is_null_is_refused_at_once()
    {
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.Get(null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.Set(null!, [], new())).ParamName);
        Assert.Equal("value", Assert.Throws<ArgumentNullException>(() => _cache.Set("key", null!, new())).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => _cache.Set("key", [], null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.Refresh(null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.Remove(null!)).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.GetAsync(null!, Cancel))).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.SetAsync(null!, [], new(), Cancel))).ParamName);
        Assert.Equal("value", (await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.SetAsync("key", null!, new(), Cancel))).ParamName);
        Assert.Equal("options", (await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.SetAsync("key", [], null!, Cancel))).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.RefreshAsync(null!, Cancel))).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.RemoveAsync(null!, Cancel))).ParamName);
    }

    [Fact]
    public async Task Callers_at_the_same_time_get_their_own_keys_values()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (int round = 0; round < 200; round++)
            {
                string key = $"{worker}/{round % 5}";
                byte[] value = [(byte)worker, (byte)round];
                if (round % 2 == 0) _cache.Set(key, value, new() { SlidingExpiration = _minute });
                else await _cache.SetAsync(key, value, new(), Cancel);
                Assert.Equal(value, round % 3 == 0 ? _cache.Get(key) : await _cache.GetAsync(key, Cancel));
                if (round % 7 == 0) _cache.Remove(key);
            }
        }, Cancel)));
    }

    [Fact]
    public async Task Buffers_go_in_and_out_by_every_member()
    {
        if (_cache is not IBufferDistributedCache cache) return; // It does not promise this.
        cache.Set("sync", Pieces.Of(new byte[] { 1, 2, 3, 4, 5 }, 2), new());
        await cache.SetAsync("async", Pieces.Of(new byte[] { 6, 7, 8 }, 1), new(), Cancel);
        var target = new ArrayBufferWriter<byte>();
        Assert.True(cache.TryGet("sync", target));
        Assert.True(await cache.TryGetAsync("async", target, Cancel));
        Assert.False(cache.TryGet("none", target));
        Assert.False(await cache.TryGetAsync("none", target, Cancel));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], target.WrittenSpan.ToArray());
        Assert.Equal([1, 2, 3, 4, 5], cache.Get("sync"));
    }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
