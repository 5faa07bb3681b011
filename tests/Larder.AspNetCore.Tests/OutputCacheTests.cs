using System.Buffers;
using System.IO.Pipelines;
using Larder.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Larder.AspNetCore.Tests;

/// <summary>What an application sees of an output cache: the framework's own in memory and Larder's behave alike.</summary>
public sealed class OutputCacheTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_response_is_made_once_and_evicted_by_its_tag(bool isLarder)
    {
        await using var site = await Site.StartAsync(services => Add(services, isLarder));
        Assert.Equal(["a 1", "a 1", "b 2"], [await site.GetAsync("/a"), await site.GetAsync("/a"), await site.GetAsync("/b")]);
        await site.Store.EvictByTagAsync("tag a", default);
        Assert.Equal(["a 3", "a 3", "b 2"], [await site.GetAsync("/a"), await site.GetAsync("/a"), await site.GetAsync("/b")]);
        await site.Store.EvictByTagAsync("all", default);
        Assert.Equal(["a 4", "b 5"], [await site.GetAsync("/a"), await site.GetAsync("/b")]);
        Assert.Equal(["a 6", "a 4"], [await site.GetAsync("/a?q=1"), await site.GetAsync("/a")]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_who_ask_at_once_get_one_response(bool isLarder)
    {
        await using var site = await Site.StartAsync(services => Add(services, isLarder));
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => site.GetAsync("/a")));
        Assert.Equal(["a 1"], answers.Distinct());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_gives_what_was_put_in_under_any_key_and_any_tag(bool isLarder)
    {
        await using var site = await Site.StartAsync(services => Add(services, isLarder));
        var store = site.Store;
        string[] tags = ["*", "", " ", new string('x', 5000), "half\ud801", "half\ud802", "plain", .. Enumerable.Range(0, 128).Select(static i => $"{i}")];
        Assert.Null(await store.GetAsync("k", default));
        foreach (var tag in tags[..9])
        {
            await store.SetAsync("half", [5], ["half\ud800"], TimeSpan.FromMinutes(1), default);
            await store.SetAsync("k", [1, 2, 3], tags, TimeSpan.FromMinutes(1), default);
            await store.SetAsync("other", [4], null, TimeSpan.FromMinutes(1), default);
            await store.EvictByTagAsync("unknown", default);
            Assert.Equal([1, 2, 3], await store.GetAsync("k", default));
            await store.EvictByTagAsync(tag, default);
            Assert.Null(await store.GetAsync("k", default));
            Assert.Equal([4], await store.GetAsync("other", default));
            Assert.Equal([5], await store.GetAsync("half", default));
        }

        await store.SetAsync("k", [5], [], TimeSpan.FromMinutes(1), default);
        await store.SetAsync("k", [6], [], TimeSpan.FromMinutes(1), default);
        Assert.Equal([6], await store.GetAsync("k", default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_holds_no_more_than_its_limit(bool isLarder)
    {
        await using var site = await Site.StartAsync(services =>
        {
            services.AddOutputCache(static options => options.SizeLimit = 10_000);
            Add(services, isLarder);
        });
        await site.Store.SetAsync("large", new byte[20_000], null, TimeSpan.FromMinutes(1), default);
        Assert.Null(await site.Store.GetAsync("large", default));
        await site.Store.SetAsync("small", new byte[1000], null, TimeSpan.FromMinutes(1), default);
        Assert.Equal(1000, (await site.Store.GetAsync("small", default))?.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_refuses_what_is_null_and_keeps_what_is_empty(bool isLarder)
    {
        await using var site = await Site.StartAsync(services => Add(services, isLarder));
        var store = site.Store;
        await Assert.ThrowsAsync<ArgumentNullException>("key", async () => await store.GetAsync(null!, default));
        await Assert.ThrowsAsync<ArgumentNullException>("key", async () => await store.SetAsync(null!, [], null, TimeSpan.FromMinutes(1), default));
        await Assert.ThrowsAsync<ArgumentNullException>("value", async () => await store.SetAsync("k", null!, null, TimeSpan.FromMinutes(1), default));
        await Assert.ThrowsAsync<ArgumentNullException>("tag", async () => await store.EvictByTagAsync(null!, default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.SetAsync("k", [1], null, TimeSpan.FromSeconds(-1), default));
        if (isLarder) await store.SetAsync("k", [1], null, TimeSpan.Zero, default); // The framework's refuses that.
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.SetAsync("k", [1], [null!], TimeSpan.FromMinutes(1), default));
        Assert.Null(await store.GetAsync("k", default));
        await store.SetAsync("empty", [], ["t", "t"], TimeSpan.FromMinutes(1), default);
        Assert.Empty(Assert.IsType<byte[]>(await store.GetAsync("empty", default)));
        await store.EvictByTagAsync("t", default);
        Assert.Null(await store.GetAsync("empty", default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tag_evicts_each_that_bears_it_and_no_other_however_often(bool isLarder)
    {
        await using var site = await Site.StartAsync(services => Add(services, isLarder));
        var store = site.Store;
        Dictionary<string, string[]?> entries = new() { ["none"] = null, ["a"] = ["a"], ["b"] = ["b"], ["ab"] = ["a", "b"], ["bc"] = ["b", "c"] };
        foreach (var (key, tags) in entries) await store.SetAsync(key, [1], tags, TimeSpan.FromMinutes(1), default);
        foreach (string tag in new[] { "A", "a", "a", "c", "b", "b" })
        {
            await store.EvictByTagAsync(tag, default);
            foreach (var key in entries.Where(entry => entry.Value?.Contains(tag) == true).Select(static entry => entry.Key).ToArray()) entries[key] = ["gone"];
            foreach (var (key, tags) in entries) Assert.Equal(tags is ["gone"], await store.GetAsync(key, default) is null);
        }

        // Under other tags than before.
        await store.SetAsync("a", [2], ["new"], TimeSpan.FromMinutes(1), default);
        Assert.Equal([2], await store.GetAsync("a", default));
        await store.EvictByTagAsync("new", default);
        Assert.Null(await store.GetAsync("a", default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_written_and_evicted_by_many_at_once_is_whole_or_gone(bool isLarder)
    {
        await using var site = await Site.StartAsync(services => Add(services, isLarder));
        var store = site.Store;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (int round = 0; round < 200; round++)
            {
                byte[] value = [.. Enumerable.Repeat((byte)worker, 100)];
                await store.SetAsync($"{round % 5}", value, ["all", $"{worker}"], TimeSpan.FromMinutes(1), default);
                if (round % 7 == 0) await store.EvictByTagAsync($"{worker}", default);
                if (await store.GetAsync($"{round % 5}", default) is { } found) Assert.Single(found.Distinct());
            }
        })));
        await store.EvictByTagAsync("all", default);
        for (int key = 0; key < 5; key++) Assert.Null(await store.GetAsync($"{key}", default));
    }

    [Fact]
    public async Task Pieces_go_in_and_a_pipe_comes_out_and_what_is_over_is_gone()
    {
        var clock = new FakeClock();
        await using var site = await Site.StartAsync(services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            services.AddLarderOutputCache();
        });
        var store = Assert.IsAssignableFrom<IOutputCacheBufferStore>(site.Store);
        byte[] large = new byte[1_000_000];
        new Random(1).NextBytes(large);
        await store.SetAsync("large", new ReadOnlySequence<byte>(large), default, TimeSpan.FromSeconds(10), default);
        var wide = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        Assert.True(await store.TryGetAsync("large", wide.Writer, default));
        await wide.Writer.CompleteAsync();
        Assert.Equal(large, (await wide.Reader.ReadAsync()).Buffer.ToArray());
        byte[] value = [1, 2, 3, 4];
        await store.SetAsync("k", new ReadOnlySequence<byte>(value), new[] { "t" }, TimeSpan.FromSeconds(10), default);
        value[0] = 9; // The caller's again.
        var pipe = new Pipe();
        Assert.True(await store.TryGetAsync("k", pipe.Writer, default));
        await pipe.Writer.CompleteAsync();
        Assert.Equal([1, 2, 3, 4], (await pipe.Reader.ReadAsync()).Buffer.ToArray());
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(await store.TryGetAsync("k", pipe.Writer, default));
        for (int i = 0; i < 3; i++) await store.SetAsync("k", value, [.. Enumerable.Range(0, TagSet.MaxCount + 1).Select(i => $"{i}")], TimeSpan.FromSeconds(10), default);
        Assert.Null(await store.GetAsync("k", default));
    }

    [Fact]
    public async Task Two_sites_over_one_tier_share_responses_and_evictions()
    {
        var shared = new InMemoryTier(isShared: true);
        var bus = new InProcessBus();
        await using var one = await Site.StartAsync(Shared);
        await using var other = await Site.StartAsync(Shared);
        string made = await one.GetAsync("/a");
        Assert.Equal(made, await other.GetAsync("/a"));
        await one.Store.EvictByTagAsync("tag a", default);
        await other.GetAsync("/b");
        Assert.Equal("a 2", await other.GetAsync("/a")); // The other's second response.
        Assert.NotEqual(made, await one.GetAsync("/a"));

        void Shared(IServiceCollection services) => services.AddLarderOutputCache(cache => cache
            .Tier(_ => new(shared) { IsOwned = false })
            .Configure(options => options with { Coherence = new(bus.Join()) }));
    }

    private static void Add(IServiceCollection services, bool isLarder)
    {
        if (isLarder) services.AddLarderOutputCache();
        else services.AddOutputCache();
    }

    private sealed class Site(WebApplication app, HttpClient client) : IAsyncDisposable
    {
        public IOutputCacheStore Store => app.Services.GetRequiredService<IOutputCacheStore>();

        public static async Task<Site> StartAsync(Action<IServiceCollection> add)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            add(builder.Services);
            var app = builder.Build();
            int made = 0;
            app.UseOutputCache();
            foreach (string name in new[] { "a", "b" })
                app.MapGet($"/{name}", (RequestDelegate)(context => context.Response.WriteAsync($"{name} {Interlocked.Increment(ref made)}"))).CacheOutput(policy => policy.SetVaryByHost(false).Tag("all", $"tag {name}"));
            await app.StartAsync();
            return new(app, new() { BaseAddress = new(app.Urls.Single()) });
        }

        public Task<string> GetAsync(string path) => client.GetStringAsync(new Uri(path, UriKind.Relative));

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            await app.DisposeAsync();
        }
    }
}
