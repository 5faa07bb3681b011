using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Larder.Browser.Tests;

/// <summary>An application with a dashboard, on a real port: a cache over a source that can be made to fail, and one that does not load.</summary>
internal sealed class Site : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Cache<Guid, string[]> _reports = new(new() { Capacity = 50, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) });

    private readonly List<Cache<string, string>> _others = [];

    private Site(string environment, Func<IEndpointConventionBuilder, IEndpointConventionBuilder>? protect, DashboardOptions options, TimeSpan fresh)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = environment, ApplicationName = "Bookshop" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, ByHeader>("test", null);
        builder.Services.AddAuthorization(static auth => auth.AddPolicy("operators", static policy => policy.RequireClaim("role", "operator")));
        builder.Services.AddLarder(larder => larder.AddCache<string, string>("books", cache => cache
            .Capacity(400)
            .Lifetime(fresh, stale: TimeSpan.FromSeconds(20), fallback: TimeSpan.FromMinutes(5), jitter: 0.4)
            .RememberAbsent(100)
            .Configure(one => one with { Failure = new() { Breaker = Breaker, Backoff = null } })
            .Load(LoadAsync)));
        _app = builder.Build();
        _app.UseRouting();
        _app.UseAuthentication();
        _app.UseAuthorization();
        var dashboard = _app.MapLarderDashboard("/larder", options);
        protect?.Invoke(dashboard);
        Books = _app.Services.GetRequiredService<LoadingCache<string, string>>();
        _app.Services.GetRequiredService<CacheDirectory>().Add(CacheView.Of(_reports, "reports"));
    }

    public LoadingCache<string, string> Books { get; }

    public CircuitBreaker Breaker { get; } = new(new() { FailureThreshold = 3, OpenDuration = TimeSpan.FromMinutes(10) });

    public bool Fails { get; set; }

    public string Address => $"{_app.Urls.First()}/larder/";

    /// <summary>Books stay fresh for longer than a test lasts, however slow the machine, unless the test is about how they age.</summary>
    public static async Task<Site> OpenAsync(string environment = "Development", Func<IEndpointConventionBuilder, IEndpointConventionBuilder>? protect = null, DashboardOptions? options = null, TimeSpan? fresh = null)
    {
        var site = new Site(environment, protect, options ?? new() { ShowsValues = true, Interval = TimeSpan.FromMilliseconds(200) }, fresh ?? TimeSpan.FromHours(1));
        await site._app.StartAsync();
        return site;
    }

    /// <summary>Has one more cache on the dashboard, which nobody reads.</summary>
    public void Add(string name) => Add(name, new() { Capacity = 10 });

    /// <summary>Has one more cache on the dashboard.</summary>
    public Cache<string, string> Add(string name, CacheOptions<string, string> options)
    {
        var cache = new Cache<string, string>(options);
        _others.Add(cache);
        _app.Services.GetRequiredService<CacheDirectory>().Add(CacheView.Of(cache, name));
        return cache;
    }

    /// <summary>Readers who like what others like, until it is cancelled.</summary>
    public async Task ReadAsync(CancellationToken cancel)
    {
        var random = new Random(7);
        var reports = Enumerable.Range(0, 60).Select(static _ => Guid.NewGuid()).ToArray();
        while (!cancel.IsCancellationRequested)
        {
            for (int i = 0; i < 12; i++) _ = TryReadAsync($"book-{(int)Math.Pow(900, random.NextDouble())}");
            _reports.GetOrAdd(reports[(int)Math.Pow(60, random.NextDouble())], static _ => []);
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public async Task TryReadAsync(string key)
    {
        try
        {
            await Books.GetAsync(key);
        }
        catch (Exception error) when (error is InvalidOperationException or CircuitOpenException or ObjectDisposedException)
        {
            // Counted where it was loaded.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _reports.Dispose();
        foreach (var other in _others) other.Dispose();
    }

    private async ValueTask<string> LoadAsync(string key, CancellationToken cancel)
    {
        await Task.Delay(key[^1] % 7 * 12, cancel);
        return Fails ? throw new InvalidOperationException("The source is down.") : $"The text of {key}";
    }

    /// <summary>Logs in whoever says a role.</summary>
    private sealed class ByHeader(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-Role"].ToString() is not { Length: > 0 } role) return Task.FromResult(AuthenticateResult.NoResult());
            var identity = new ClaimsIdentity([new(ClaimTypes.Name, role), new("role", role)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new(new(identity), Scheme.Name)));
        }
    }
}
