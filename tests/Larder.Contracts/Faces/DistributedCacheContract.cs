using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Larder.Contracts.Faces;

/// <summary>What every <see cref="IDistributedCache"/> promises, and an <see cref="IBufferDistributedCache"/> where it is one too.</summary>
public abstract class DistributedCacheContract : FaceContract<IDistributedCache>
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_was_set_is_found_by_the_synchronous_and_the_asynchronous_members_alike()
    {
        Cache.Set("sync", [1, 2], new());
        await Cache.SetAsync("async", [3], new(), Cancel);
        Assert.Equal([1, 2], await Cache.GetAsync("sync", Cancel));
        Assert.Equal([3], Cache.Get("async"));
        Assert.Null(Cache.Get("Sync"));
        Assert.Null(await Cache.GetAsync("other", Cancel));
    }

    [Fact]
    public void The_extensions_of_text_and_of_default_options_work()
    {
        Cache.SetString("text", "Grüße");
        Cache.Set("bytes", [1]);
        Assert.Equal("Grüße", Cache.GetString("text"));
        Assert.Equal([1], Cache.Get("bytes"));
    }

    [Fact]
    public void An_empty_value_and_an_empty_key_are_a_value_and_a_key()
    {
        Cache.Set("", [], new());
        Assert.Equal([], Cache.Get("")!);
    }

    [Fact]
    public async Task A_later_value_takes_the_place_of_an_earlier_one_with_its_expiration()
    {
        Cache.Set("key", [1], new() { AbsoluteExpirationRelativeToNow = _minute });
        Cache.Set("key", [2], new());
        Clock.Advance(2 * _minute);
        Assert.Equal([2], await Cache.GetAsync("key", Cancel));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_what_is_not_there_does_not_matter()
    {
        Cache.Set("a", [1], new());
        Cache.Set("b", [1], new());
        Cache.Remove("a");
        Cache.Remove("a");
        await Cache.RemoveAsync("b", Cancel);
        await Cache.RemoveAsync("none", Cancel);
        Cache.Refresh("none");
        await Cache.RefreshAsync("none", Cancel);
        Assert.Null(Cache.Get("a"));
        Assert.Null(Cache.Get("b"));
    }

    [Fact]
    public void Without_an_expiration_an_entry_stays()
    {
        Cache.Set("key", [1], new());
        Clock.Leap(TimeSpan.FromDays(1000));
        Assert.Equal([1], Cache.Get("key"));
    }

    [Fact]
    public async Task An_absolute_expiration_holds_to_the_tick_and_is_prolonged_by_nothing()
    {
        Cache.Set("relative", [1], new() { AbsoluteExpirationRelativeToNow = _minute });
        Cache.Set("absolute", [2], new() { AbsoluteExpiration = Clock.GetUtcNow() + _minute });
        Cache.Set("zone", [3], new() { AbsoluteExpiration = (Clock.GetUtcNow() + _minute).ToOffset(TimeSpan.FromHours(5)) });
        Clock.Advance(_minute - TimeSpan.FromTicks(1));
        Cache.Refresh("relative");
        Assert.Equal([1], Cache.Get("relative"));
        Assert.Equal([2], Cache.Get("absolute"));
        Assert.Equal([3], Cache.Get("zone"));
        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(Cache.Get("relative"));
        Assert.Null(await Cache.GetAsync("absolute", Cancel));
        Assert.Null(Cache.Get("zone"));
    }

    [Fact]
    public void Of_two_absolute_expirations_the_sooner_counts()
    {
        Cache.Set("a", [1], new() { AbsoluteExpirationRelativeToNow = _minute, AbsoluteExpiration = Clock.GetUtcNow() + 2 * _minute });
        Cache.Set("b", [1], new() { AbsoluteExpirationRelativeToNow = 2 * _minute, AbsoluteExpiration = Clock.GetUtcNow() + _minute });
        Clock.Advance(_minute);
        Assert.Null(Cache.Get("a"));
        Assert.Null(Cache.Get("b"));
    }

    [Fact]
    public void An_entry_whose_end_has_passed_is_not_kept_and_what_it_would_replace_goes()
    {
        Cache.Set("key", [1], new());
        Cache.Set("key", [2], new() { AbsoluteExpiration = Clock.GetUtcNow() - _minute });
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public async Task A_sliding_expiration_begins_anew_with_every_read_and_refresh()
    {
        Cache.Set("key", [1], new() { SlidingExpiration = _minute });
        Func<Task>[] uses = [() => Task.FromResult(Cache.Get("key")), () => Cache.GetAsync("key", Cancel), () => { Cache.Refresh("key"); return Task.CompletedTask; }, () => Cache.RefreshAsync("key", Cancel)];
        foreach (var use in uses.Concat(uses))
        {
            Clock.Advance(0.9 * _minute);
            await use();
        }

        Clock.Advance(_minute - TimeSpan.FromTicks(1));
        Assert.Equal([1], Cache.Get("key"));
        Clock.Advance(2 * _minute);
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public void Short_uses_add_up_to_no_less_than_one()
    {
        Cache.Set("key", [1], new() { SlidingExpiration = _minute });
        for (int i = 0; i < 30; i++)
        {
            Clock.Advance(0.1 * _minute);
            Assert.Equal([1], Cache.Get("key"));
        }

        Clock.Advance(0.99 * _minute);
        Assert.Equal([1], Cache.Get("key"));
    }

    [Fact]
    public void A_sliding_expiration_never_goes_beyond_the_absolute_one()
    {
        Cache.Set("key", [1], new() { SlidingExpiration = _minute, AbsoluteExpirationRelativeToNow = 2.5 * _minute });
        for (int i = 0; i < 3; i++)
        {
            Clock.Advance(0.8 * _minute);
            Assert.Equal([1], Cache.Get("key"));
        }

        Clock.Advance(0.1 * _minute);
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public async Task What_is_null_is_refused_at_once()
    {
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => Cache.Get(null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => Cache.Set(null!, [], new())).ParamName);
        Assert.Equal("value", Assert.Throws<ArgumentNullException>(() => Cache.Set("key", null!, new())).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => Cache.Set("key", [], null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => Cache.Refresh(null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => Cache.Remove(null!)).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.GetAsync(null!, Cancel))).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.SetAsync(null!, [], new(), Cancel))).ParamName);
        Assert.Equal("value", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.SetAsync("key", null!, new(), Cancel))).ParamName);
        Assert.Equal("options", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.SetAsync("key", [], null!, Cancel))).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.RefreshAsync(null!, Cancel))).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => Cache.RemoveAsync(null!, Cancel))).ParamName);
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
                if (round % 2 == 0) Cache.Set(key, value, new() { SlidingExpiration = _minute });
                else await Cache.SetAsync(key, value, new(), Cancel);
                Assert.Equal(value, round % 3 == 0 ? Cache.Get(key) : await Cache.GetAsync(key, Cancel));
                if (round % 7 == 0) Cache.Remove(key);
            }
        }, Cancel)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(16 * 1024)]
    [InlineData(300_000)]
    public async Task Values_of_every_size_come_back_whole_and_expire(int size)
    {
        byte[] value = new byte[size];
        new Random(size).NextBytes(value);
        DistributedCacheEntryOptions options = new() { AbsoluteExpirationRelativeToNow = 5 * _minute };
        await Cache.SetAsync("async", value, options, Cancel);
        Cache.Set("sync", value, options);
        if (Cache is IBufferDistributedCache buffers) await buffers.SetAsync("pieces", size == 0 ? default : Pieces.Of(value, 100), options, Cancel);
        else Cache.Set("pieces", value, options);
        Clock.Advance(4 * _minute);
        foreach (string key in new[] { "async", "sync", "pieces" }) Assert.Equal(value, await Cache.GetAsync(key, Cancel));
        if (Cache is IBufferDistributedCache found)
        {
            var target = new ArrayBufferWriter<byte>();
            Assert.True(await found.TryGetAsync("pieces", target, Cancel));
            Assert.True(found.TryGet("sync", target));
            Assert.Equal([.. value, .. value], target.WrittenSpan.ToArray());
        }

        Clock.Advance(_minute);
        foreach (string key in new[] { "async", "sync", "pieces" }) Assert.Null(Cache.Get(key));
    }

    [Fact]
    public void A_refresh_keeps_alive_no_longer_than_the_absolute_expiration_and_only_its_own_key()
    {
        Cache.Set("key", [1], new() { SlidingExpiration = _minute, AbsoluteExpiration = Clock.GetUtcNow() + 2 * _minute });
        Cache.Set("other", [1], new() { SlidingExpiration = _minute });
        Clock.Advance(0.9 * _minute);
        Cache.Refresh("key");
        Clock.Advance(0.9 * _minute);
        Cache.Refresh("key");
        Assert.Equal([1], Cache.Get("key"));
        Assert.Null(Cache.Get("other"));
        Clock.Advance(0.2 * _minute);
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public async Task Buffers_go_in_and_out_by_every_member()
    {
        if (Cache is not IBufferDistributedCache cache) return; // It does not promise this.
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
}
