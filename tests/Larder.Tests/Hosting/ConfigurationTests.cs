using System.Globalization;
using System.Reflection;
using System.Text;
using Larder.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Larder.Tests.Hosting;

/// <summary>Options from a configuration, by the real providers.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public async Task A_section_sets_what_it_names_and_wins_over_the_code_wherever_that_stands()
    {
        var section = Section("""
            {
              "memory": { "Capacity": 123, "Policy": "SIEVE", "Advice": { "Keys": 512 }, "Lifetime": { "Fresh": "00:05:00", "Stale": "1.00:00:00", "Jitter": { "Fraction": 0.25 } }, "Absent": { "Capacity": 7, "Policy": "lru" }, "Shards": { "Count": 1 } },
              "Refresh": { "AheadBelow": 0.5, "Timeout": "none" },
              "Failure": { "Backoff": false, "Breaker": { "FailureThreshold": 1 }, "HardTimeout": "00:00:02.5" },
              "Payloads": { "Compression": { "Codec": "deflate", "Level": "SmallestSize" } },
              "Warming": { "Predicted": { "TimeZone": "Europe/Paris", "OneOf": 4 } },
              "Tiers": { "memory-tier": { "ReadTimeout": "00:00:00.2", "Lifetime": { "Fresh": "forever" } } },
              "Writing": { "Behind": { "MaxBatch": 5 } },
              "Coherence": { "KeptWithoutLink": "00:01:00" },
              "Batches": { "MaxParallel": 3 },
              "RemembersAbsent": false
            }
            """);
        await using var cache = Cache(section, static cache => cache
            .Capacity(1)
            .Tier(static _ => new(new InMemoryTier()) { WriteTimeout = TimeSpan.FromSeconds(9) })
            .Configure(static options => options with { Writing = new(Writer.For<int, string>(static (_, _) => default)) { Behind = new() }, Coherence = new(new InProcessBus().Join()) })).Cache;
        var options = cache.Options;
        Assert.Equal((123, EvictionPolicy.Sieve, 512, 1), (options.Memory.Capacity, options.Memory.Policy, options.Memory.Advice!.Keys, options.Memory.Shards.Count));
        Assert.Equal(new Lifetime { Fresh = TimeSpan.FromMinutes(5), Stale = TimeSpan.FromDays(1), Jitter = new() { Fraction = 0.25 } }, options.Memory.Lifetime);
        Assert.Equal((7, EvictionPolicy.Lru), (options.Memory.Absent.Capacity, options.Memory.Absent.Policy));
        Assert.Equal((0.5, null), (options.Refresh.AheadBelow, options.Refresh.Timeout));
        Assert.Equal((null, TimeSpan.FromSeconds(2.5)), (options.Failure.Backoff, options.Failure.HardTimeout));
        Assert.Equal((PayloadCodec.Deflate, System.IO.Compression.CompressionLevel.SmallestSize), (options.Payloads.Compression!.Codec, options.Payloads.Compression.Level));
        Assert.Equal(("Europe/Paris", 4), (options.Warming!.Predicted!.TimeZone.Id, options.Warming.Predicted.OneOf));
        Assert.Equal((TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(9), Lifetime.Forever), (options.Tiers[0].ReadTimeout, options.Tiers[0].WriteTimeout, options.Tiers[0].Lifetime));
        Assert.Equal((5, TimeSpan.FromMinutes(1), 3, false), (options.Writing!.Behind!.MaxBatch, options.Coherence!.KeptWithoutLink, options.Batches.MaxParallel, options.RemembersAbsent));
    }

    [Fact]
    public async Task A_breaker_of_the_configuration_keeps_the_containers_time()
    {
        var clock = new FakeClock();
        int asked = 0;
        await using var cache = Cache(Section("""{ "Failure": { "Backoff": false, "Breaker": { "FailureThreshold": 1, "SuccessThreshold": 1, "OpenDuration": "01:00:00" } } }"""), cache => cache
            .Load((_, _) => ++asked == 1 ? throw new TimeZoneNotFoundException() : new ValueTask<string>("x")), clock).Cache;
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await cache.GetAsync(1));
        await Assert.ThrowsAsync<CircuitOpenException>(async () => await cache.GetAsync(1));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("x", await cache.GetAsync(1));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once_before_the_start_by_its_key_with_its_value_and_what_is_allowed()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes("""
            {
              "Larder": {
                "users": {
                  "Memory": { "Capacity": "lots", "Policy": "random", "Lifetime": { "Fresh": 30, "Stale": "24:00:00" }, "Capcity": 5 },
                  "Failure": { "Breaker": { "FailureThreshold": 0 }, "Backoff": { "Factor": 99 }, "UsesFallback": "yes" },
                  "Refresh": { "AheadBelow": 2, "Source": "dice" },
                  "Batches": 12,
                  "Tiers": { "memory-tier": { "ReadTimeout": "-00:00:01" }, "disc": { "ReadTimeout": "00:00:01" } },
                  "Writing": { "Timeout": "00:00:01" }
                },
                "orders": { "Memory": { "Capacity": -3 }, "Warming": {} },
                "usres": { "Memory": { "Capacity": 3 } }
              }
            }
            """)));
        builder.Services.AddLarder(larder => larder
            .AddCache<int, string>("users", static cache => cache.Tier(static _ => new(new InMemoryTier())))
            .AddCache<int, int>("orders", static _ => { })
            .AddCache<int, int>("of code", static cache => cache.Capacity(0))
            .Bind(builder.Configuration.GetSection("Larder")));
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        string[] expected =
        [
            "Larder:usres is of no cache; there are 'users', 'orders', 'of code'.",
            "Cache 'users': Larder:users:Memory:Capacity is 'lots'; it must be a whole number.",
            "Cache 'users': Larder:users:Memory:Policy is 'random'; it must be one of default, fifo, lru, lfu, sieve, s3fifo, 2q, arc, tinylfu, wtinylfu.",
            "Cache 'users': Larder:users:Memory:Lifetime:Fresh is '30'; it must be a time, such as 00:05:00 or 1.12:00:00, or forever.",
            "Cache 'users': Larder:users:Memory:Lifetime:Stale is '24:00:00'; it must be a time, such as 00:05:00 or 1.12:00:00, or forever.",
            "Cache 'users': Larder:users:Memory:Capcity is not known; known here are Capacity, Policy, Advice, Lifetime, Shards, Absent.",
            "Cache 'users': Larder:users:Failure:Breaker:FailureThreshold is 0; it must be at least 1.",
            "Cache 'users': Larder:users:Failure:Backoff:Factor is 99; it must be from 1 to 10.",
            "Cache 'users': Larder:users:Failure:UsesFallback is 'yes'; it must be true or false.",
            "Cache 'users': Larder:users:Refresh:AheadBelow is 2; it must be from 0 to 1.",
            "Cache 'users': Larder:users:Refresh:Source is not known; known here are AheadBelow, EarlyFactor, LinearFrom, MaxConcurrent, MaxWaiting, Timeout, DropsOnError.",
            "Cache 'users': Larder:users:Batches is '12'; it must be a section.",
            "Cache 'users': Larder:users:Tiers:memory-tier:ReadTimeout is -00:00:01; it must be above zero and at most 49 days.",
            "Cache 'users': Larder:users:Tiers:disc is not known; known here are memory-tier.",
            "Cache 'users': Larder:users:Writing is not known; known here are Memory, Batches, Refresh, Failure, RemembersAbsent, Warming, Payloads, Tiers.",
            "Cache 'orders': Larder:orders:Memory:Capacity is -3; it must be at least 1.",
            "Cache 'orders': Larder:orders:Warming is empty; it must be a section, true for the defaults, or false for none.",
            "Cache 'of code': Memory.Capacity is 0; it must be at least 1.",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), error.Failures.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("docs/concepts/hosting.md", "users")]
    [InlineData("docs/get-started.md", "greetings")]
    public async Task The_example_of_the_documentation_is_understood(string page, string name)
    {
        string json = System.Text.RegularExpressions.Regex.Match(Docs.ReadFile(page), "^```json\n(.*?)^```", System.Text.RegularExpressions.RegexOptions.Singleline | System.Text.RegularExpressions.RegexOptions.Multiline).Groups[1].Value;
        await using var cache = Cache(Section(json).GetSection($"Larder:{name}"), static _ => { }).Cache;
        Assert.True(cache.Capacity > 20_000);
    }

    // The other way round than the tests above: whoever adds an option is told here that it cannot be configured yet.
    [Fact]
    public void Every_figure_of_every_option_has_a_key()
    {
        string[] notInConfiguration = ["Name", "Payloads.SchemaVersion", "Tiers.memory-tier.IsOwned"];
        HashSet<string> missing = [];
        foreach (string path in Figures(typeof(LoadingCacheOptions<int, string>), "").Except(notInConfiguration))
        {
            string key = path.Replace('.', ':');
            var section = new ConfigurationBuilder().AddInMemoryCollection([new($"c:{key}", "?")]).Build().GetSection("c");
            try
            {
                _ = Cache(section, static cache => cache.Tier(static _ => new(new InMemoryTier())).Configure(static options => options with
                {
                    Writing = new(Writer.For<int, string>(static (_, _) => default)) { Behind = new() },
                    Coherence = new(new InProcessBus().Join()),
                })).Cache;
            }
            catch (OptionsValidationException error) when (error.Message.Contains("not known", StringComparison.Ordinal))
            {
                missing.Add(path);
            }
            catch (OptionsValidationException)
            {
                // It is known, and is not to be '?'.
            }
        }

        Assert.Empty(missing);
    }

    private static IEnumerable<string> Figures(Type options, string prefix)
    {
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(static property => property.SetMethod is not null))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            string name = property.Name == nameof(LoadingCacheOptions<,>.Tiers) ? "Tiers.memory-tier" : property.Name;
            if (type == typeof(IReadOnlyList<TierOptions>)) type = typeof(TierOptions);
            if (type == typeof(CircuitBreaker)) type = typeof(BreakerOptions);
            if (type.IsPrimitive || type.IsEnum || type == typeof(TimeSpan) || type == typeof(string) || type == typeof(EvictionPolicy) || type == typeof(TimeZoneInfo)) yield return $"{prefix}{name}";
            else if (type.GetMethod("<Clone>$") is not null) foreach (string within in Figures(type, $"{prefix}{name}.")) yield return within;
        }
    }

    private static (LoadingCache<int, string> Cache, ServiceProvider Services) Cache(IConfigurationSection section, Action<CacheBuilder<int, string>> describe, TimeProvider? time = null)
    {
        var services = new ServiceCollection().AddSingleton(time ?? TimeProvider.System).AddLarder(larder => larder.AddCache<int, string>("texts", cache => describe(cache.Bind(section)))).BuildServiceProvider();
        return (services.GetRequiredService<LoadingCache<int, string>>(), services);
    }

    private static IConfigurationSection Section(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{ \"c\": {json} }}")))).Build().GetSection("c");
}
