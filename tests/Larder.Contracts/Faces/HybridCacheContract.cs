using System.ComponentModel;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Contracts.Faces;

/// <summary>What a <see cref="HybridCache"/> promises of values, keys, expirations and tags. Its entries expire after five minutes.</summary>
public abstract class HybridCacheContract : FaceContract<HybridCache>
{
    private static readonly HybridCacheEntryOptions _lookOnly = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };

    [Fact]
    public async Task A_factory_is_asked_once_and_its_value_found_by_every_overload()
    {
        int id = 7;
        Assert.Equal(1, await Cache.GetOrCreateAsync("key:7", 1, static (state, _) => new ValueTask<int>(state), cancellationToken: Cancel));
        Assert.Equal(1, await Cache.GetOrCreateAsync("key:7", static _ => new ValueTask<int>(2), cancellationToken: Cancel));
        Assert.Equal(1, await Cache.GetOrCreateAsync($"key:{id}", static _ => new ValueTask<int>(3), cancellationToken: Cancel));
        Assert.Equal(1, await Cache.GetOrCreateAsync($"key:{id}", 4, static (state, _) => new ValueTask<int>(state), cancellationToken: Cancel));
        Assert.Equal(1, await Cache.GetOrCreateAsync("key:7".AsSpan(), 5, static (state, _) => new ValueTask<int>(state), cancellationToken: Cancel));
        Assert.Equal(6, await Cache.GetOrCreateAsync($"key:{id + 1}", static _ => new ValueTask<int>(6), cancellationToken: Cancel));
        Assert.Equal(6, await Cache.GetOrCreateAsync("key:8", static _ => new ValueTask<int>(7), cancellationToken: Cancel));
    }

    [Fact]
    public async Task What_is_set_is_found_and_what_is_removed_is_made_anew()
    {
        await Cache.SetAsync("a", "set", cancellationToken: Cancel);
        Assert.Equal("set", await Get("a", "made"));
        await Cache.RemoveAsync("a", Cancel);
        await Cache.RemoveAsync("none", Cancel);
        Assert.Equal("made", await Get("a", "made"));
        await Cache.SetAsync("a", "over", cancellationToken: Cancel);
        Assert.Equal("over", await Get("a", "made"));
        await Get("b", "b");
        await Cache.RemoveAsync(["a", "b", "none"], Cancel);
        await Cache.RemoveAsync([], Cancel);
        Same(["2", "2"], [await Get("a", "2"), await Get("b", "2")]);
    }

    [Fact]
    public async Task Null_and_the_default_are_values()
    {
        Assert.Null(await Get<string?>("null", null));
        Assert.Null(await Get<string?>("null", "made"));
        Assert.Equal(0, await Get("zero", 0));
        Assert.Equal(0, await Get("zero", 1));
        Assert.Null(await Get<int?>("nullable", null));
        Assert.Null(await Get<int?>("nullable", 1));
        await Cache.SetAsync<Mutable?>("mutable", null, cancellationToken: Cancel);
        Assert.Null(await Get<Mutable?>("mutable", new Mutable()));
    }

    [Fact]
    public async Task Values_that_nobody_can_change_are_shared_and_all_others_copied()
    {
        string text = new('t', 3);
        Assert.Same(text, await Get("text", text));
        Assert.Same(text, await Get("text", ""));
        var marked = new Marked { Name = "m" };
        Assert.Same(marked, await Get("marked", marked));
        Assert.Same(marked, await Get("marked", new Marked()));

        var mutable = new Mutable { Name = "first" };
        var first = await Get("mutable", mutable);
        mutable.Name = "changed by the factory";
        first.Name = "changed by the first reader";
        var second = await Get("mutable", new Mutable());
        Assert.Equal("first", second.Name);
        second.Name = "changed by the second reader";
        Assert.Equal("first", (await Get("mutable", new Mutable())).Name);
    }

    [Fact]
    public async Task What_was_set_is_a_copy_too()
    {
        byte[] bytes = [1, 2];
        List<int> list = [1, 2];
        await Cache.SetAsync("bytes", bytes, cancellationToken: Cancel);
        await Cache.SetAsync("list", list, cancellationToken: Cancel);
        bytes[0] = 9;
        list.Add(9);
        Assert.Equal([1, 2], await Get<byte[]>("bytes", []));
        Assert.Equal([1, 2], await Get<List<int>>("list", []));
    }

    [Fact]
    public async Task Values_of_every_kind_come_back()
    {
        Assert.Equal((1, "a"), await Twice("tuple", (1, "a")));
        Assert.Equal(Guid.Empty, await Twice("guid", Guid.Empty));
        Assert.Equal(DayOfWeek.Friday, await Twice("enum", DayOfWeek.Friday));
        Assert.Equal(1.5m, await Twice("decimal", 1.5m));
        Assert.Equal(["a", "b"], await Twice<string[]>("array", ["a", "b"]));
        Assert.Equal(2, (await Twice("dictionary", new Dictionary<string, int> { ["a"] = 2 }))["a"]);
        Assert.Equal(DateTimeOffset.UnixEpoch, await Twice("instant", DateTimeOffset.UnixEpoch));

        async Task<T> Twice<T>(string key, T value)
        {
            await Get(key, value);
            return await Get<T>(key, default!);
        }
    }

    [Fact]
    public async Task A_key_with_a_value_of_another_type_is_made_anew()
    {
        await Get("shared", "text");
        Assert.Equal(7, await Get("shared", 7));
        Assert.Equal(7, await Get("shared", 8));
        await Get("copied", new Mutable { Name = "mutable" });
        Assert.Equal("list", Assert.Single(await Get<List<string>>("copied", ["list"])));
        Assert.Equal("text", await Get("copied", "text"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\0b")]
    [InlineData("line\nbreak")]
    [InlineData("a\u001fb")]
    public async Task Keys_that_are_not_allowed_pass_the_cache_by(string? key)
    {
        Same([1, 2], [await Get(key!, 1), await Get(key!, 2)]);
        if (key is not null) await Cache.SetAsync(key, 3, cancellationToken: Cancel);
        Assert.Equal(4, await Get(key!, 4));
        Assert.Equal(0, await Cache.GetOrCreateAsync(key!, static _ => new ValueTask<int>(5), _lookOnly, cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_key_that_is_too_long_passes_the_cache_by_and_the_longest_does_not()
    {
        Same([1, 1], [await Get(new string('k', 1024), 1), await Get(new string('k', 1024), 2)]);
        Same([1, 2], [await Get(new string('k', 1025), 1), await Get(new string('k', 1025), 2)]);
        Assert.Equal(3, await Cache.GetOrCreateAsync($"{new string('k', 1025)}", static _ => new ValueTask<int>(3), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Entries_expire_as_the_call_says_that_made_them_or_as_the_cache_does()
    {
        await Get("default", 1);
        await Cache.GetOrCreateAsync("short", static _ => new ValueTask<int>(1), new() { Expiration = TimeSpan.FromMinutes(1) }, cancellationToken: Cancel);
        await Cache.SetAsync("set", 1, new() { Expiration = TimeSpan.FromMinutes(1) }, cancellationToken: Cancel);
        await Cache.SetAsync("long", 1, new() { Expiration = TimeSpan.FromHours(1) }, cancellationToken: Cancel);
        Clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        Same([1, 1, 1, 1], [await Get("default", 2), await Get("short", 2), await Get("set", 2), await Get("long", 2)]);
        Clock.Advance(TimeSpan.FromTicks(1));
        Same([1, 2, 2, 1], [await Get("default", 2), await Get("short", 2), await Get("set", 2), await Get("long", 2)]);
        Clock.Advance(TimeSpan.FromMinutes(4));
        Same([2, 1], [await Get("default", 2), await Get("long", 2)]);
    }

    [Fact]
    public async Task Several_keys_are_removed_in_one_call_and_none_is_a_call_too()
    {
        foreach (string key in new[] { "a", "b", "c" }) await Get(key, 1);
        await Cache.RemoveAsync([], Cancel);
        await Cache.RemoveAsync(["none"], Cancel);
        Same([1, 1, 1], [await Get("a", 2), await Get("b", 2), await Get("c", 2)]);
        await Cache.RemoveAsync(["a"], Cancel);
        await Cache.RemoveAsync(new List<string> { "b", "none", "b" }.Where(static _ => true), Cancel);
        Same([2, 2, 1], [await Get("a", 2), await Get("b", 2), await Get("c", 2)]);
    }

    [Fact]
    public async Task Tags_remove_what_bears_them_and_a_star_everything()
    {
        await Cache.GetOrCreateAsync("a", static _ => new ValueTask<int>(1), tags: ["x", "y"], cancellationToken: Cancel);
        await Cache.SetAsync("b", 1, tags: ["y"], cancellationToken: Cancel);
        await Get("c", 1);
        await Cache.RemoveByTagAsync("none", Cancel);
        Same([1, 1, 1], [await Get("a", 2), await Get("b", 2), await Get("c", 2)]);
        await Cache.RemoveByTagAsync("x", Cancel);
        Same([3, 1, 1], [await Get("a", 3), await Get("b", 3), await Get("c", 3)]);
        await Cache.RemoveByTagAsync(["y", "none"], Cancel);
        Same([3, 4, 1], [await Get("a", 4), await Get("b", 4), await Get("c", 4)]);
        await Cache.RemoveByTagAsync("*", Cancel);
        Same([5, 5, 5], [await Get("a", 5), await Get("b", 5), await Get("c", 5)]);
        Same([5, 5, 5], [await Get("a", 6), await Get("b", 6), await Get("c", 6)]);
        await Cache.RemoveByTagAsync("", Cancel);
        await Cache.RemoveByTagAsync((string)null!, Cancel);
        Assert.Equal(5, await Get("a", 7));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData(" \t")]
    [InlineData(null)]
    public async Task Tags_that_are_not_allowed_are_refused(string? tag)
    {
        Assert.Equal("tags", (await Assert.ThrowsAsync<ArgumentException>(async () => await Cache.SetAsync("key", 1, tags: ["good", tag!], cancellationToken: Cancel))).ParamName);
        Assert.Equal("tags", (await Assert.ThrowsAsync<ArgumentException>(async () => await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(1), tags: [tag!], cancellationToken: Cancel))).ParamName);
        Assert.Equal(2, await Get("key", 2));
        if (tag != "*") await Cache.RemoveByTagAsync(tag!, Cancel);
        Assert.Equal(2, await Get("key", 3));
    }

    [Fact]
    public async Task What_only_looks_finds_what_is_there_and_makes_nothing()
    {
        Assert.Equal(0, await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(1), _lookOnly, cancellationToken: Cancel));
        Assert.Equal(2, await Get("key", 2));
        Assert.Equal(2, await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(3), _lookOnly, cancellationToken: Cancel));
        Assert.Null(await Cache.GetOrCreateAsync("text", static _ => new ValueTask<string>("made"), _lookOnly, cancellationToken: Cancel));
    }

    [Fact]
    public async Task What_neither_reads_nor_writes_leaves_what_is_there()
    {
        HybridCacheEntryOptions none = new() { Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache };
        await Cache.SetAsync("key", 1, cancellationToken: Cancel);
        Assert.Equal(2, await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(2), none, cancellationToken: Cancel));
        await Cache.SetAsync("key", 3, none, cancellationToken: Cancel);
        Assert.Equal(1, await Get("key", 4));
        await Cache.SetAsync("other", 1, none, cancellationToken: Cancel);
        Assert.Equal(2, await Get("other", 2));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_does_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Cache.SetAsync("key", 1, cancellationToken: Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(2), cancellationToken: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cache.GetOrCreateAsync("other", static _ => new ValueTask<int>(2), cancellationToken: cancelled));
        Assert.Equal(1, await Get("key", 3));
        Assert.Equal(3, await Get("other", 3));
    }

    // Arrays, for a span cannot wait.
    private static void Same<T>(T[] expected, T[] actual) => Assert.Equal(expected, actual);

    protected ValueTask<T> Get<T>(string key, T made) => Cache.GetOrCreateAsync(key, made, static (made, _) => new ValueTask<T>(made), cancellationToken: Cancel);

    public sealed class Mutable
    {
        public string Name { get; set; } = "";
    }

    [ImmutableObject(true)]
    public sealed class Marked
    {
        public string Name { get; init; } = "";
    }
}
