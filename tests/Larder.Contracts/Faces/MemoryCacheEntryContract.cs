using Microsoft.Extensions.Caching.Memory;

namespace Larder.Contracts.Faces;

/// <summary>What an <see cref="IMemoryCache"/> promises of entries: how they come in, what is found, what is refused.</summary>
public abstract class MemoryCacheEntryContract<TMaker> : IDisposable where TMaker : IMemoryCacheMaker, new()
{
    private readonly IMemoryCache _cache = new TMaker().Make(new());

    public void Dispose()
    {
        _cache.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_value_that_was_set_is_found_and_another_key_is_not()
    {
        var value = new object();
        Assert.Same(value, _cache.Set("key", value));
        Assert.True(_cache.TryGetValue("key", out object? found));
        Assert.Same(value, found);
        Assert.Same(value, _cache.Get("key"));
        Assert.False(_cache.TryGetValue("Key", out found));
        Assert.Null(found);
    }

    [Fact]
    public void Keys_are_of_any_type_and_equal_by_their_own_equality()
    {
        object key = new();
        _cache.Set(1, "int");
        _cache.Set(1L, "long");
        _cache.Set("1", "string");
        _cache.Set((1, "a"), "tuple");
        _cache.Set(key, "object");
        Assert.Equal(["int", "long", "string", "tuple", "object"], new object[] { 1, 1L, new string('1', 1), (1, "a"), key }.Select(_cache.Get));
        Assert.Null(_cache.Get(new object()));
        Assert.Null(_cache.Get((short)1));
    }

    [Fact]
    public void Keys_that_say_that_they_are_equal_are_one_key()
    {
        _cache.Set(new Same(), 1);
        _cache.Set(new Same(), 2);
        Assert.Equal(2, _cache.Get(new Same()));
        _cache.Remove(new Same());
        Assert.Null(_cache.Get(new Same()));
    }

    [Fact]
    public void An_entry_is_there_once_it_is_disposed_and_not_before()
    {
        var entry = _cache.CreateEntry("key");
        entry.Value = 1;
        Assert.False(_cache.TryGetValue("key", out _));
        entry.Dispose();
        entry.Dispose();
        Assert.Equal(1, _cache.Get("key"));
        Assert.Equal("key", entry.Key);
    }

    [Fact]
    public void An_entry_without_a_value_never_comes_in_and_leaves_what_was_there()
    {
        _cache.Set("key", 1);
        _cache.CreateEntry("key").Dispose();
        _cache.CreateEntry("other").Dispose();
        Assert.Equal(1, _cache.Get("key"));
        Assert.False(_cache.TryGetValue("other", out _));
    }

    [Fact]
    public void Null_is_a_value()
    {
        _cache.Set<string?>("key", null);
        Assert.True(_cache.TryGetValue("key", out object? found));
        Assert.Null(found);
        Assert.True(_cache.TryGetValue("key", out int number));
        Assert.Equal(0, number);
        Assert.Null(_cache.GetOrCreate<string?>("key", static _ => "made"));
    }

    [Fact]
    public void A_value_of_another_type_is_not_found_by_that_type()
    {
        _cache.Set("key", 42);
        Assert.False(_cache.TryGetValue("key", out string? text));
        Assert.Null(text);
        Assert.True(_cache.TryGetValue("key", out int number));
        Assert.Equal(42, number);
    }

    [Fact]
    public void A_later_value_takes_the_place_of_an_earlier_one()
    {
        _cache.Set("key", 1);
        _cache.Set("key", 2);
        Assert.Equal(2, _cache.Get("key"));
        _cache.Set("key", 3, new MemoryCacheEntryOptions { Priority = CacheItemPriority.High, SlidingExpiration = TimeSpan.FromHours(1) });
        _cache.Set("key", 4);
        Assert.Equal(4, _cache.Get("key"));
    }

    [Fact]
    public void What_is_removed_is_gone_and_what_is_not_there_does_not_matter()
    {
        _cache.Set("key", 1);
        _cache.Remove("key");
        _cache.Remove("key");
        Assert.False(_cache.TryGetValue("key", out _));
        _cache.Set("key", 2);
        Assert.Equal(2, _cache.Get("key"));
    }

    [Fact]
    public async Task A_factory_is_asked_only_for_what_is_not_there()
    {
        Assert.Equal(1, _cache.GetOrCreate("sync", static _ => 1));
        Assert.Equal(1, _cache.GetOrCreate("sync", static _ => 2));
        Assert.Equal(1, await _cache.GetOrCreateAsync("async", static _ => Task.FromResult(1)));
        Assert.Equal(1, await _cache.GetOrCreateAsync("async", static _ => Task.FromResult(2)));
    }

    [Fact]
    public async Task A_factory_that_throws_leaves_nothing_behind()
    {
        Assert.Throws<FormatException>(() => _cache.GetOrCreate<int>("key", static _ => throw new FormatException()));
        await Assert.ThrowsAsync<FormatException>(() => _cache.GetOrCreateAsync<int>("key", static _ => throw new FormatException()));
        Assert.False(_cache.TryGetValue("key", out _));
        Assert.Equal(1, _cache.GetOrCreate("key", static _ => 1));
    }

    [Fact]
    public void Keys_that_are_null_are_refused()
    {
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.CreateEntry(null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.TryGetValue((object)null!, out _)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.Remove(null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.Get(null!)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.Set(null!, 1)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => _cache.GetOrCreate(null!, static _ => 1)).ParamName);
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused_and_leave_the_entry_as_it_was()
    {
        using var entry = _cache.CreateEntry("key");
        Assert.Equal("AbsoluteExpirationRelativeToNow", Assert.Throws<ArgumentOutOfRangeException>(() => entry.AbsoluteExpirationRelativeToNow = TimeSpan.Zero).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromTicks(-1));
        Assert.Equal("SlidingExpiration", Assert.Throws<ArgumentOutOfRangeException>(() => entry.SlidingExpiration = TimeSpan.Zero).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => entry.SlidingExpiration = TimeSpan.FromTicks(-1));
        Assert.Equal("value", Assert.Throws<ArgumentOutOfRangeException>(() => entry.Size = -1).ParamName);
        Assert.Null(entry.AbsoluteExpirationRelativeToNow);
        Assert.Null(entry.SlidingExpiration);
        Assert.Null(entry.Size);
        entry.Size = 0;
        entry.Size = null;
        entry.SlidingExpiration = null;
        entry.AbsoluteExpirationRelativeToNow = null;
    }

    [Fact]
    public void A_new_entry_has_nothing_but_its_key_and_a_normal_priority()
    {
        using var entry = _cache.CreateEntry("key");
        Assert.Null(entry.Value);
        Assert.Null(entry.AbsoluteExpiration);
        Assert.Equal(CacheItemPriority.Normal, entry.Priority);
        Assert.Empty(entry.ExpirationTokens);
        Assert.Empty(entry.PostEvictionCallbacks);
    }

    [Fact]
    public void A_disposed_cache_takes_no_calls_and_what_is_being_made_comes_to_nothing()
    {
        var entry = _cache.CreateEntry("key");
        entry.Value = 1;
        _cache.Dispose();
        _cache.Dispose();
        entry.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _cache.Get("key"));
        Assert.Throws<ObjectDisposedException>(() => _cache.Remove("key"));
        Assert.Throws<ObjectDisposedException>(() => _cache.CreateEntry("key"));
        Assert.Throws<ObjectDisposedException>(() => _cache.Set("key", 1));
    }

    [Fact]
    public async Task Threads_that_write_and_read_find_whole_values()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (int round = 0; round < 2_000; round++)
            {
                string key = $"{round % 20}";
                switch ((worker + round) % 4)
                {
                    case 0: _cache.Set(key, (key, round)); break;
                    case 1: _cache.Set(key, (key, round), new MemoryCacheEntryOptions { Priority = (CacheItemPriority)(round % 3), SlidingExpiration = TimeSpan.FromHours(1) }); break;
                    case 2: _cache.Remove(key); break;
                    default: Assert.True(!_cache.TryGetValue(key, out (string Key, int) found) || found.Key == key); break;
                }
            }
        })));
    }

    [Fact]
    public async Task A_key_that_is_only_ever_written_over_is_always_found()
    {
        _cache.Set("key", 0);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(worker => Task.Run(() =>
        {
            for (int round = 0; round < 5_000; round++)
            {
                if (worker == 0) Assert.NotNull(_cache.Get("key"));
                else if (round % 2 == 0) _cache.Set("key", round);
                else _cache.Set("key", round, new MemoryCacheEntryOptions { Priority = CacheItemPriority.High, SlidingExpiration = TimeSpan.FromHours(1) });
            }
        })));
    }

    private sealed class Same
    {
        public override bool Equals(object? obj) => obj is Same;

        public override int GetHashCode() => 0;
    }
}
