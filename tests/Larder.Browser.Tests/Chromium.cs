using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Larder.Browser.Tests.Chromium))]

namespace Larder.Browser.Tests;

/// <summary>The browser that all tests share; each opens a window of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string? _path = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    // How long what is expected may take, in milliseconds: a bound for what never comes, on a machine that stands still for seconds.
    private const float Patience = 60_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (_path is null) return;
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = _path, Args = ["--no-sandbox"] });
    }

    public async Task<IPage> OpenAsync(int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        if (_browser is null && Environment.GetEnvironmentVariable("CI") is { Length: > 0 }) Assert.Fail("chromium is not installed, and in CI it must be");
        Assert.SkipWhen(_browser is null, "chromium is not installed");
        var context = await _browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(Patience);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
