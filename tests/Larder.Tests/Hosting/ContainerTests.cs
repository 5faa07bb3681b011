using Larder.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Larder.Tests.Hosting;

/// <summary>Caches that a real container has, over a real host.</summary>
public sealed class ContainerTests
{
    [Fact]
    public async Task A_cache_is_injected_by_name_and_by_its_types_and_is_one()
    {
        await using var services = Services(static larder => larder.AddCache<string, string>("texts", static cache => cache.Capacity(10).Load(static (key, _) => new($"loaded {key}"))));
        var cache = services.GetRequiredService<ILoadingCache<string, string>>();
        Assert.Same(cache, services.GetRequiredKeyedService<ILoadingCache<string, string>>("texts"));
        Assert.Same(cache, services.GetRequiredService<LoadingCache<string, string>>());
        Assert.Equal("loaded a", await cache.GetAsync("a"));
        Assert.Equal(("texts", 10), (((LoadingCache<string, string>)cache).Options.Name, ((LoadingCache<string, string>)cache).Capacity));
    }

    [Fact]
    public async Task Several_caches_of_the_same_types_are_told_apart_by_name_alone()
    {
        await using var services = Services(static larder => larder
            .AddCache<string, string>("one", static cache => cache.Load(static (_, _) => new("of one")))
            .AddCache<string, string>("two", static cache => cache.Load(static (_, _) => new("of two"))));
        Assert.Equal("of two", await services.GetRequiredKeyedService<ILoadingCache<string, string>>("two").GetAsync("a"));
        var error = Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<ILoadingCache<string, string>>());
        Assert.Contains("'one', 'two'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Services(static larder => larder.AddCache<int, int>("same", static _ => { }).AddCache<string, string>("same", static _ => { })));
    }

    [Fact]
    public async Task Each_load_has_a_scope_of_its_own_which_ends_with_it()
    {
        var collection = new ServiceCollection();
        collection.AddSingleton<Log>();
        collection.AddScoped<Connection>();
        collection.AddLarder(static larder => larder
            .AddCache<int, string>("single", static cache => cache.Load<SingleLoader>())
            .AddCache<int, long>("batch", static cache => cache.Load<ManyLoader>())
            .AddCache<int, bool>("function", static cache => cache.Load(static (_, services, _) => new(services.GetRequiredService<Connection>().IsOpen))));
        await using var services = collection.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
        var log = services.GetRequiredService<Log>();
        var single = services.GetRequiredService<ILoadingCache<int, string>>();
        Assert.NotEqual(await single.GetAsync(1), await single.GetAsync(2));
        Assert.Equal((2, 2), (log.Opened, log.Closed));
        var found = await services.GetRequiredService<ILoadingCache<int, long>>().GetManyAsync([1, 2, 3]);
        Assert.Single(found.Values.Distinct());
        Assert.Equal((3, 3), (log.Opened, log.Closed));
        Assert.True(await services.GetRequiredService<ILoadingCache<int, bool>>().GetAsync(1));
        Assert.Equal((4, 4), (log.Opened, log.Closed));
    }

    [Fact]
    public async Task A_host_says_everything_that_is_wrong_with_every_cache_before_it_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLarder(static larder => larder
            .AddCache<int, int>("small", static cache => cache.Capacity(0))
            .AddCache<int, string>("odd", static cache => cache.Lifetime(fresh: TimeSpan.FromSeconds(-1), jitter: 2)));
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        foreach (string part in new[] { "Cache 'small': Memory.Capacity is 0", "Cache 'odd': Memory.Lifetime.Fresh is -00:00:01", "Jitter.Fraction is 2" })
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_starts_its_caches_and_when_it_stops_what_is_queued_is_written()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var clock = new FakeClock();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<Log>();
        builder.Services.AddLarder(static larder => larder.AddCache<int, string>("written", static cache => cache
            .Write<LogWriter>(static _ => new() { Interval = TimeSpan.FromHours(1) })));
        using var host = builder.Build();
        await host.StartAsync();
        var cache = host.Services.GetRequiredService<LoadingCache<int, string>>();
        Assert.Same(clock, cache.Options.Memory.TimeProvider);
        await cache.SetAsync(1, "x");
        var log = host.Services.GetRequiredService<Log>();
        Assert.Equal(0, log.Written);
        await host.StopAsync();
        Assert.Equal(1, log.Written);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await cache.GetAsync(1));
    }

    private static ServiceProvider Services(Action<LarderBuilder> describe) => new ServiceCollection().AddLarder(describe).BuildServiceProvider();

    private sealed class Log
    {
        public int Opened { get; set; }

        public int Closed { get; set; }

        public int Written { get; set; }
    }

    private sealed class Connection : IDisposable
    {
        private readonly Log _log;

        public Connection(Log log)
        {
            _log = log;
            Number = ++log.Opened;
        }

        public long Number { get; }

        public bool IsOpen { get; private set; } = true;

        public void Dispose()
        {
            IsOpen = false;
            _log.Closed++;
        }
    }

    private sealed class SingleLoader(Connection connection) : ILoader<int, string>
    {
        public ValueTask<Loaded<string>> LoadAsync(LoadRequest<int, string> request, CancellationToken cancellationToken) => new($"by {connection.Number}");
    }

    private sealed class ManyLoader(Connection connection) : IBatchLoader<int, long>
    {
        public ValueTask LoadManyAsync(LoadBatch<int, long> batch, CancellationToken cancellationToken)
        {
            foreach (int key in batch.Missing) batch.Set(key, connection.Number);
            return default;
        }
    }

    private sealed class LogWriter(Log log) : IWriter<int, string>
    {
        public ValueTask WriteAsync(WriteBatch<int, string> batch, CancellationToken cancellationToken)
        {
            log.Written += batch.Writes.Count;
            return default;
        }
    }
}
