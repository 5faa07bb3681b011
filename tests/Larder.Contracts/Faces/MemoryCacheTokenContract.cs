using Larder.TestKit;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace Larder.Contracts.Faces;

/// <summary>What an <see cref="IMemoryCache"/> promises of change tokens, and of entries that depend on others.</summary>
public abstract class MemoryCacheTokenContract<TMaker> : IDisposable where TMaker : IMemoryCacheMaker, new()
{
    private readonly FakeClock _clock = new();
    private readonly IMemoryCache _cache, _linked;
    private readonly Evictions _evictions = new();

    protected MemoryCacheTokenContract()
    {
        _cache = new TMaker().Make(_clock);
        _linked = new TMaker().Make(_clock, links: true);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _linked.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_token_that_says_so_ends_its_entry()
    {
        var token = new FakeToken(isActive: true);
        _cache.Set("key", 1, _evictions.Options().AddExpirationToken(token));
        Assert.Equal(1, token.Listeners);
        Assert.Equal(1, _cache.Get("key"));
        token.Fire();
        Assert.Null(_cache.Get("key"));
        Assert.Equal("key=1 TokenExpired", await _evictions.NextAsync());
        Assert.Equal(0, token.Listeners);
    }

    [Fact]
    public async Task A_token_that_says_so_ends_its_entry_though_nobody_asks_for_it()
    {
        using var source = new CancellationTokenSource();
        _cache.Set("key", 1, _evictions.Options().AddExpirationToken(new CancellationChangeToken(source.Token)));
        await source.CancelAsync();
        Assert.Equal("key=1 TokenExpired", await _evictions.NextAsync());
        Assert.Null(_cache.Get("key"));
    }

    [Fact]
    public async Task A_silent_token_is_asked_at_each_read()
    {
        var token = new FakeToken(isActive: false);
        _cache.Set("key", 1, _evictions.Options().AddExpirationToken(token));
        Assert.Equal(0, token.Listeners);
        Assert.Equal(1, _cache.Get("key"));
        token.HasChanged = true;
        Assert.Null(_cache.Get("key"));
        Assert.Equal("key=1 TokenExpired", await _evictions.NextAsync());
    }

    [Fact]
    public async Task A_silent_token_is_asked_now_and_then_though_nobody_reads_its_entry()
    {
        var token = new FakeToken(isActive: false);
        _cache.Set("key", 1, _evictions.Options().AddExpirationToken(token));
        _clock.Advance(TimeSpan.FromMinutes(2));
        token.HasChanged = true;
        _cache.Get("another");
        Assert.Equal("key=1 TokenExpired", await _evictions.NextAsync());
    }

    [Fact]
    public async Task A_token_that_has_changed_already_keeps_the_entry_out()
    {
        var token = new FakeToken(isActive: true) { HasChanged = true };
        Assert.Equal(1, _cache.Set("key", 1, _evictions.Options().AddExpirationToken(token)));
        Assert.Null(_cache.Get("key"));
        Assert.Equal(0, token.Listeners);
        Assert.Equal("key=1 TokenExpired", await _evictions.NextAsync());
    }

    [Fact]
    public void A_token_is_let_go_at_once_when_its_entry_leaves_by_its_key()
    {
        var token = new FakeToken(isActive: true);
        _cache.Set("removed", 1, token);
        _cache.Set("replaced", 1, token);
        Assert.Equal(2, token.Listeners);
        _cache.Remove("removed");
        Assert.Equal(1, token.Listeners);
        _cache.Set("replaced", 2);
        Assert.Equal(0, token.Listeners);
    }

    [Fact]
    public void A_token_that_fires_while_it_is_listened_to_ends_its_entry()
    {
        _cache.Set("key", 1, new HastyToken());
        Assert.Null(_cache.Get("key"));
    }

    [Fact]
    public void Of_several_tokens_the_first_that_changes_counts()
    {
        var (active, silent) = (new FakeToken(isActive: true), new FakeToken(isActive: false));
        _cache.Set("key", 1, new MemoryCacheEntryOptions().AddExpirationToken(silent).AddExpirationToken(active));
        Assert.Equal(1, _cache.Get("key"));
        silent.HasChanged = true;
        Assert.Null(_cache.Get("key"));
    }

    [Fact]
    public void An_entry_made_inside_another_hands_its_tokens_and_end_on_only_where_entries_are_linked()
    {
        var end = _clock.GetUtcNow().AddMinutes(1);
        Assert.Equal((1, end), Nested(_linked));
        Assert.Equal((0, null), Nested(_cache));

        (int, DateTimeOffset?) Nested(IMemoryCache cache)
        {
            using var outer = cache.CreateEntry("outer");
            cache.Set("inner", 1, new MemoryCacheEntryOptions { AbsoluteExpiration = end }.AddExpirationToken(new FakeToken(isActive: true)));
            return (outer.ExpirationTokens.Count, outer.AbsoluteExpiration);
        }
    }

    [Fact]
    public void An_entry_read_inside_another_hands_its_tokens_and_end_on()
    {
        var token = new FakeToken(isActive: true);
        _linked.Set("token", 1, token);
        _linked.Set("end", 1, TimeSpan.FromMinutes(1));
        _linked.GetOrCreate("outer token", _ => _linked.Get("token"));
        _linked.GetOrCreate("outer end", _ => _linked.Get("end"));
        token.Fire();
        Assert.Equal([null, 1], new[] { "outer token", "outer end" }.Select(_linked.Get));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_linked.Get("outer end"));
    }

    [Fact]
    public void The_sooner_end_counts_of_an_entry_and_of_what_it_depends_on()
    {
        var soon = Outer(inner: 1, outer: 2);
        Assert.Equal(_clock.GetUtcNow().AddMinutes(1), soon);
        Assert.Equal(_clock.GetUtcNow().AddMinutes(1), Outer(inner: 2, outer: 1));

        DateTimeOffset? Outer(int inner, int outer)
        {
            ICacheEntry entry;
            using (entry = _linked.CreateEntry("outer"))
            {
                entry.Value = 1;
                entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(outer);
                _linked.Set("inner", 1, TimeSpan.FromMinutes(inner));
            }

            return entry.AbsoluteExpiration;
        }
    }

    [Fact]
    public void Links_reach_through_several_entries_and_not_to_siblings()
    {
        var token = new FakeToken(isActive: true);
        _linked.GetOrCreate("outermost", _ =>
        {
            _linked.GetOrCreate("outer", _ => _linked.GetOrCreate("inner", entry =>
            {
                entry.AddExpirationToken(token);
                return 1;
            }));
            return _linked.GetOrCreate("sibling", static _ => 1);
        });
        token.Fire();
        Assert.Equal([null, null, null, 1], new[] { "outermost", "outer", "inner", "sibling" }.Select(_linked.Get));
    }

    [Fact]
    public async Task Entries_made_at_the_same_time_are_not_linked_by_that()
    {
        var token = new FakeToken(isActive: true);
        var began = new TaskCompletionSource();
        var one = Task.Run(() => _linked.GetOrCreateAsync("one", async _ =>
        {
            began.SetResult();
            await Task.Yield();
            return 1;
        }));
        await began.Task;
        _linked.Set("two", 1, token);
        await one;
        token.Fire();
        Assert.Equal([1, null], new[] { "one", "two" }.Select(_linked.Get));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task What_is_made_inside_an_entry_and_finished_after_it_still_ends_it(bool isActive, bool hasToken)
    {
        var token = new FakeToken(isActive);
        var go = new TaskCompletionSource();
        var outer = _linked.CreateEntry("outer");
        outer.Value = 1;
        if (hasToken) outer.AddExpirationToken(new FakeToken(isActive: true));
        var inner = Task.Run(async () =>
        {
            await go.Task;
            _linked.Set("inner", 1, token);
        });
        outer.Dispose();
        go.SetResult();
        await inner;
        Assert.Equal(1, _linked.Get("outer"));
        Assert.Equal(hasToken ? 2 : 1, outer.ExpirationTokens.Count);
        token.Fire();
        Assert.Null(_linked.Get("outer"));
    }

    [Fact]
    public async Task A_late_and_sooner_end_counts_too()
    {
        var go = new TaskCompletionSource();
        var outer = _linked.CreateEntry("outer");
        outer.Value = 1;
        outer.AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(3);
        var inner = Task.Run(async () =>
        {
            await go.Task;
            _linked.Set("sooner", 1, TimeSpan.FromMinutes(1));
            _linked.Set("later", 1, TimeSpan.FromMinutes(2));
        });
        outer.Dispose();
        go.SetResult();
        await inner;
        _clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        Assert.Equal(1, _linked.Get("outer"));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(_linked.Get("outer"));
    }

    [Fact]
    public async Task Entries_made_by_several_tasks_inside_one_all_hand_on_and_not_to_each_other()
    {
        for (int fires = 0; fires < 2; fires++)
        {
            FakeToken[] tokens = [new(isActive: true), new(isActive: true)];
            await _linked.GetOrCreateAsync("outermost", async _ => await _linked.GetOrCreateAsync("outer", async _ =>
            {
                await Task.WhenAll(tokens.Select((token, i) => Task.Run(() => _linked.Set(i, 1, token))));
                return 1;
            }));
            Assert.Equal([1, 1, 1, 1], new object[] { "outermost", "outer", 0, 1 }.Select(_linked.Get));
            tokens[fires].Fire();
            Assert.Equal([null, null, null, 1], new object[] { "outermost", "outer", fires, 1 - fires }.Select(_linked.Get));
        }
    }

    [Fact]
    public void A_factory_that_throws_ends_the_link()
    {
        Assert.Throws<FormatException>(() => _linked.GetOrCreate<int>("failed", static _ => throw new FormatException()));
        using var entry = _linked.CreateEntry("next");
        _linked.Set("inner", 1, new FakeToken(isActive: true));
        Assert.Single(entry.ExpirationTokens);
    }

    // Says that it has changed while it is asked to say so.
    private sealed class HastyToken : IChangeToken
    {
        public bool HasChanged { get; private set; }

        public bool ActiveChangeCallbacks => true;

        public IDisposable RegisterChangeCallback(Action<object?> callback, object? state)
        {
            HasChanged = true;
            callback(state);
            return new CancellationTokenSource();
        }
    }
}
