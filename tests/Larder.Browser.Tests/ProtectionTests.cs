using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Larder.Browser.Tests;

public sealed class ProtectionTests
{
    private static readonly string[] _paths = ["", "page.js", "panel.js", "layout.js", "asking.js", "words.js", "charts.js", "page.css", "icon.svg", "feed"];
    private static readonly string[] _actions = ["look-up", "remove", "refresh", "clear", "isolate", "reset"];

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("guest", HttpStatusCode.Forbidden)]
    public async Task A_visitor_without_the_policy_gets_nothing(string? role, HttpStatusCode expected)
    {
        await using var site = await Site.OpenAsync("Production", static dashboard => dashboard.RequireAuthorization("operators"));
        using var client = new HttpClient { BaseAddress = new(site.Address) };
        if (role is not null) client.DefaultRequestHeaders.Add("X-Role", role);
        foreach (string path in _paths) Assert.Equal(expected, (await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead)).StatusCode);
        foreach (string action in _actions) Assert.Equal(expected, (await client.PostAsJsonAsync(action, new { cache = "books" })).StatusCode);
    }

    [Fact]
    public async Task A_visitor_with_the_policy_gets_the_page_under_a_strict_rule_for_its_content()
    {
        await using var site = await Site.OpenAsync("Production", static dashboard => dashboard.RequireAuthorization("operators"));
        using var client = new HttpClient { BaseAddress = new(site.Address) };
        client.DefaultRequestHeaders.Add("X-Role", "operator");
        foreach (string path in _paths)
        {
            using var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Outside_Development_an_open_dashboard_is_refused(bool saysAnonymous)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Site.OpenAsync("Production", saysAnonymous ? static dashboard => dashboard.AllowAnonymous() : null));
        Assert.Contains("RequireAuthorization", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_without_any_authorization_stops_rather_than_serve_an_open_dashboard()
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Production" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddSingleton<CacheDirectory>();
        await using var app = builder.Build();
        app.UseRouting();
        app.MapLarderDashboard();
        await app.StartAsync();
        await app.WaitForShutdownAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Without_a_directory_of_caches_or_with_options_that_make_no_sense_it_is_not_mapped()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        await using var empty = builder.Build();
        Assert.Contains("AddLarder", Assert.Throws<InvalidOperationException>(() => empty.MapLarderDashboard()).Message, StringComparison.Ordinal);
        Assert.Contains("Interval is 00:00:00", Assert.Throws<ArgumentException>(() => empty.MapLarderDashboard("/larder", new() { Interval = TimeSpan.Zero })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_changes_anything_needs_the_token_that_fits_the_cookie()
    {
        await using var site = await Site.OpenAsync();
        await site.TryReadAsync("a");
        using var visitor = new Visitor(site.Address);
        using var other = new Visitor(site.Address);
        string token = await visitor.TokenAsync(), others = await other.TokenAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await visitor.PostAsync("clear", null));
        Assert.Equal(HttpStatusCode.BadRequest, await visitor.PostAsync("clear", others));
        Assert.Equal(HttpStatusCode.BadRequest, await visitor.PostAsync("clear", token[..^1]));
        using (var stranger = new HttpClient { BaseAddress = new(site.Address) })
        {
            stranger.DefaultRequestHeaders.Add("X-Larder-Token", token);
            Assert.Equal(HttpStatusCode.BadRequest, (await stranger.PostAsJsonAsync("clear", new { cache = "books" })).StatusCode);
        }

        Assert.True(site.Books.Contains("a"));
        Assert.Equal(HttpStatusCode.OK, await visitor.PostAsync("clear", token));
        Assert.False(site.Books.Contains("a"));
    }

    [Fact]
    public async Task Nothing_is_changed_by_GET_nor_by_a_form()
    {
        await using var site = await Site.OpenAsync();
        await site.TryReadAsync("a");
        using var visitor = new Visitor(site.Address);
        string token = await visitor.TokenAsync();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await visitor.SendAsync(HttpMethod.Get, "clear", token, null));
        using var form = new FormUrlEncodedContent([new("cache", "books")]);
        Assert.Equal(HttpStatusCode.BadRequest, await visitor.SendAsync(HttpMethod.Post, "clear", token, form));
        Assert.True(site.Books.Contains("a"));
    }

    [Fact]
    public async Task A_value_is_not_told_unless_the_options_allow_it()
    {
        await using var site = await Site.OpenAsync(options: new());
        await site.TryReadAsync("secret");
        using var visitor = new Visitor(site.Address);
        string answer = await visitor.AskAsync("look-up", await visitor.TokenAsync(), new { cache = "books", key = "secret", withValue = true });
        Assert.Contains("\"hasValue\":true", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("The text of", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_done_is_answered_and_does_not_tell_what_the_source_said()
    {
        await using var site = await Site.OpenAsync();
        using var visitor = new Visitor(site.Address);
        string token = await visitor.TokenAsync();
        Assert.Contains("no cache 'none'", await visitor.AskAsync("clear", token, new { cache = "none" }), StringComparison.Ordinal);
        Assert.Contains("names no key", await visitor.AskAsync("remove", token, new { cache = "books" }), StringComparison.Ordinal);
        Assert.Contains("no key of cache", await visitor.AskAsync("remove", token, new { cache = "reports", key = "x" }), StringComparison.Ordinal);
        Assert.Contains("does not load", await visitor.AskAsync("refresh", token, new { cache = "reports", key = "x" }), StringComparison.Ordinal);
        Assert.Contains("no breaker", await visitor.AskAsync("isolate", token, new { cache = "reports" }), StringComparison.Ordinal);
        site.Fails = true;
        string failed = await visitor.AskAsync("refresh", token, new { cache = "books", key = "a" });
        Assert.Contains("InvalidOperationException", failed, StringComparison.Ordinal);
        Assert.DoesNotContain("The source is down", failed, StringComparison.Ordinal);
    }
}
