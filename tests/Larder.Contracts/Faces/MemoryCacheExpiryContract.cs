using Larder.TestKit;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Contracts.Faces;

/// <summary>What an <see cref="IMemoryCache"/> promises of time, and of whom it tells when entries leave.</summary>
public abstract class MemoryCacheExpiryContract<TMaker> : IDisposable where TMaker : IMemoryCacheMaker, new()
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly FakeClock _clock = new();
    private readonly IMemoryCache _cache;
    private readonly Evictions _evictions = new();

    protected MemoryCacheExpiryContract() => _cache = new TMaker().Make(_clock);

    public void Dispose()
    {
        _cache.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void An_entry_lives_until_its_absolute_expiration_and_not_at_it()
    {
        _cache.Set("relative", 1, _minute);
        _cache.Set("absolute", 1, _clock.GetUtcNow() + _minute);
        _clock.Advance(_minute - TimeSpan.FromTicks(1));
        Assert.Equal([1, 1], new[] { "relative", "absolute" }.Select(_cache.Get));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([null, null], new[] { "relative", "absolute" }.Select(_cache.Get));
    }

    [Fact]
    public void Of_two_absolute_expirations_the_sooner_counts_and_is_shown()
    {
        var now = _clock.GetUtcNow();
        Assert.Equal(now + _minute, Committed(_minute, now + 2 * _minute));
        Assert.Equal(now + _minute, Committed(2 * _minute, now + _minute));
        Assert.Equal(now + 2 * _minute, Committed(2 * _minute, null));
        Assert.Null(Committed(null, null));

        DateTimeOffset? Committed(TimeSpan? relative, DateTimeOffset? absolute)
        {
            var entry = _cache.CreateEntry("key");
            entry.Value = 1;
            entry.AbsoluteExpirationRelativeToNow = relative;
            entry.AbsoluteExpiration = absolute;
            entry.Dispose();
            return entry.AbsoluteExpiration;
        }
    }

    [Fact]
    public void A_sliding_expiration_begins_anew_with_each_read()
    {
        _cache.Set("key", 1, new MemoryCacheEntryOptions { SlidingExpiration = _minute });
        for (int i = 0; i < 5; i++)
        {
            _clock.Advance(0.9 * _minute);
            Assert.Equal(1, _cache.Get("key"));
        }

        _clock.Advance(_minute);
        Assert.Null(_cache.Get("key"));
    }

    [Fact]
    public void A_sliding_expiration_never_goes_beyond_the_absolute_one()
    {
        _cache.Set("key", 1, new MemoryCacheEntryOptions { SlidingExpiration = _minute, AbsoluteExpirationRelativeToNow = 2.5 * _minute });
        for (int i = 0; i < 3; i++)
        {
            _clock.Advance(0.8 * _minute);
            Assert.Equal(1, _cache.Get("key"));
        }

        _clock.Advance(0.2 * _minute);
        Assert.Null(_cache.Get("key"));
    }

    [Fact]
    public void An_expiration_beyond_all_time_is_none()
    {
        _cache.Set("absolute", 1, DateTimeOffset.MaxValue);
        _cache.Set("sliding", 1, new MemoryCacheEntryOptions { SlidingExpiration = TimeSpan.MaxValue });
        _clock.Leap(TimeSpan.FromDays(1000));
        Assert.Equal([1, 1], new[] { "absolute", "sliding" }.Select(_cache.Get));
    }

    [Fact]
    public async Task What_has_expired_already_is_not_kept_and_what_it_would_replace_goes()
    {
        _cache.Set("key", "old", _evictions.Options());
        Assert.Equal("new", _cache.Set("key", "new", _evictions.Options().SetAbsoluteExpiration(_clock.GetUtcNow() - _minute)));
        Assert.Null(_cache.Get("key"));
        Assert.Equal(["key=new Expired", "key=old Replaced"], new[] { await _evictions.NextAsync(), await _evictions.NextAsync() }.Order());
    }

    [Fact]
    public async Task A_callback_is_told_of_a_removal()
    {
        _cache.Set("key", 1, _evictions.Options());
        _cache.Remove("key");
        Assert.Equal("key=1 Removed", await _evictions.NextAsync());
    }

    [Fact]
    public async Task A_callback_is_told_of_a_replacement_and_the_new_entrys_is_not()
    {
        _cache.Set("key", 1, _evictions.Options());
        _cache.Set("key", 2, _evictions.Options());
        Assert.Equal("key=1 Replaced", await _evictions.NextAsync());
        _cache.Remove("key");
        Assert.Equal("key=2 Removed", await _evictions.NextAsync());
        _evictions.AssertNoMore();
    }

    [Fact]
    public async Task A_callback_is_told_of_the_end_of_time_when_somebody_looks()
    {
        _cache.Set("absolute", 1, _evictions.Options().SetAbsoluteExpiration(_minute));
        _cache.Set("sliding", 2, _evictions.Options().SetSlidingExpiration(_minute));
        _clock.Advance(_minute);
        Assert.Null(_cache.Get("absolute"));
        Assert.Equal("absolute=1 Expired", await _evictions.NextAsync().ConfigureAwait(false));
        Assert.Null(_cache.Get("sliding"));
        Assert.Equal("sliding=2 Expired", await _evictions.NextAsync());
    }

    [Fact]
    public async Task A_callback_is_told_of_the_end_of_time_though_nobody_asks_for_that_key()
    {
        _cache.Set("key", 1, _evictions.Options().SetAbsoluteExpiration(_minute));
        _clock.Advance(TimeSpan.FromMinutes(5));
        _cache.Get("another");
        Assert.Equal("key=1 Expired", await _evictions.NextAsync());
    }

    [Fact]
    public async Task A_callback_gets_the_state_that_was_given_with_it()
    {
        object state = new();
        _cache.Set("key", 1, _evictions.Options(state));
        _cache.Remove("key");
        Assert.Same(state, await _evictions.NextStateAsync());
    }

    [Fact]
    public async Task Several_callbacks_are_told_and_one_that_throws_keeps_no_other_from_it()
    {
        var options = _evictions.Options();
        options.PostEvictionCallbacks.Insert(0, new() { EvictionCallback = static (_, _, _, _) => throw new FormatException() });
        options.PostEvictionCallbacks.Add(options.PostEvictionCallbacks[^1]);
        _cache.Set("key", 1, options);
        _cache.Remove("key");
        Assert.Equal("key=1 Removed", await _evictions.NextAsync());
        Assert.Equal("key=1 Removed", await _evictions.NextAsync());
    }

    [Fact]
    public async Task A_callback_that_blocks_holds_up_nobody()
    {
        using var open = new ManualResetEventSlim();
        try
        {
            _cache.Set("slow", 1, new MemoryCacheEntryOptions().RegisterPostEvictionCallback((_, _, _, _) => open.Wait()));
            _cache.Set("quick", 1, _evictions.Options());
            _cache.Remove("slow");
            _cache.Remove("quick");
            Assert.Equal("quick=1 Removed", await _evictions.NextAsync());
        }
        finally
        {
            open.Set();
        }
    }

    [Fact]
    public async Task A_callback_sees_the_surroundings_of_who_removed_the_entry()
    {
        var seen = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ambient = new AsyncLocal<string?> { Value = "the maker's" };
        _cache.Set("key", 1, new MemoryCacheEntryOptions().RegisterPostEvictionCallback((_, _, _, _) => seen.SetResult(ambient.Value)));
        ambient.Value = "the remover's";
        _cache.Remove("key");
        Assert.Equal("the remover's", await seen.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_callback_may_put_the_key_back()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cache.Set("key", 1, new MemoryCacheEntryOptions().RegisterPostEvictionCallback((key, value, _, _) =>
        {
            _cache.Set(key, (int)value! + 1);
            done.SetResult();
        }));
        _cache.Remove("key");
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, _cache.Get("key"));
    }

    [Fact]
    public void An_entry_that_is_disposed_twice_is_written_once()
    {
        var entry = _cache.CreateEntry("key");
        entry.Value = 1;
        entry.Dispose();
        _cache.Set("key", 2);
        entry.Dispose();
        Assert.Equal(2, _cache.Get("key"));
    }

    [Fact]
    public void Every_extension_of_set_sets_its_expiration()
    {
        _cache.Set("relative", 1, _minute);
        _cache.Set("absolute", 1, _clock.GetUtcNow() + _minute);
        _cache.Set("options", 1, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = _minute, SlidingExpiration = 2 * _minute });
        _cache.GetOrCreate("made", entry => entry.SetAbsoluteExpiration(_minute).SetSlidingExpiration(2 * _minute).Value);
        _cache.GetOrCreate("by options", static _ => 1, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = _minute });
        string[] keys = ["relative", "absolute", "options", "made", "by options"];
        _clock.Advance(_minute - TimeSpan.FromTicks(1));
        Assert.All(keys, key => Assert.True(_cache.TryGetValue(key, out _)));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.All(keys, key => Assert.False(_cache.TryGetValue(key, out _)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_time_that_is_over_before_it_begins_is_refused(int minutes)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _cache.Set("key", 1, minutes * _minute));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryCacheEntryOptions { SlidingExpiration = minutes * _minute });
        Assert.False(_cache.TryGetValue("key", out _));
    }

    [Fact]
    public async Task A_callback_may_use_the_cache()
    {
        var told = new TaskCompletionSource();
        _cache.Set("key", 1, new MemoryCacheEntryOptions().RegisterPostEvictionCallback((key, _, _, _) =>
        {
            _cache.Set(key, 2);
            told.SetResult();
        }));
        _cache.Remove("key");
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, _cache.Get("key"));
    }
}
