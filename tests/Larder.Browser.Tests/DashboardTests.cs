using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Larder.Browser.Tests;

public sealed class DashboardTests(Chromium chromium)
{
    [Fact]
    public async Task Figures_move_while_the_page_is_open()
    {
        await using var site = await Site.OpenAsync();
        var (page, books) = await OpenAsync(site);
        await Expect(books.Locator(".ratio")).ToHaveTextAsync("–");
        await site.TryReadAsync("a");
        await site.TryReadAsync("a");
        await site.TryReadAsync("a");
        await Expect(books.Locator(".ratio")).ToHaveTextAsync("66.7 %");
        await Expect(Figure(books, "loads")).ToHaveTextAsync("1");
        await Expect(books.GetByRole(AriaRole.Img, new() { NameRegex = new("^Entries by age: fresh 1,") })).ToHaveCountAsync(1);
        await Expect(page.Locator("#state")).ToHaveTextAsync("live");
        await Expect(page.Locator("article[data-cache=reports]")).ToContainTextAsync("Guid → string[]");
    }

    [Fact]
    public async Task A_key_is_looked_up_and_removed_once_confirmed()
    {
        await using var site = await Site.OpenAsync();
        await site.TryReadAsync("<b>one</b>");
        var (page, books) = await OpenAsync(site);
        await books.GetByLabel("Key to look up in books").FillAsync("<b>one</b>");
        await books.GetByLabel("with its value").CheckAsync();
        await books.GetByRole(AriaRole.Button, new() { Name = "Look up" }).ClickAsync();
        await Expect(books.Locator(".finding")).ToContainTextAsync("<b>one</b> is fresh");
        await Expect(books.Locator(".finding pre")).ToHaveTextAsync("The text of <b>one</b>");
        var remove = books.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true });
        await remove.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Leave it" }).ClickAsync();
        Assert.True(site.Books.Contains("<b>one</b>"));
        await remove.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove it" }).ClickAsync();
        await Expect(books.Locator(".finding")).ToContainTextAsync("is not here");
        Assert.False(site.Books.Contains("<b>one</b>"));
    }

    [Fact]
    public async Task A_failing_source_turns_the_breakers_tile_and_a_reset_turns_it_back()
    {
        await using var site = await Site.OpenAsync();
        var (page, books) = await OpenAsync(site);
        var tile = books.Locator(".breaker");
        await Expect(tile).ToHaveAttributeAsync("data-state", "Closed");
        site.Fails = true;
        for (int i = 0; i < 3; i++) await site.TryReadAsync($"{i}");
        await Expect(tile).ToHaveAttributeAsync("data-state", "Open");
        await Expect(page.Locator("#all-breakers")).ToHaveTextAsync("1");
        site.Fails = false;
        await tile.GetByRole(AriaRole.Button, new() { Name = "Reset" }).ClickAsync();
        await page.Locator("#confirm-yes").ClickAsync();
        await Expect(tile).ToHaveAttributeAsync("data-state", "Closed");
        await tile.GetByRole(AriaRole.Button, new() { Name = "Isolate" }).ClickAsync();
        await page.Locator("#confirm-yes").ClickAsync();
        await Expect(tile).ToHaveAttributeAsync("data-state", "Isolated");
        Assert.Equal(BreakerState.Isolated, site.Breaker.State);
    }

    [Fact]
    public async Task A_cache_with_an_advisor_says_what_twice_the_capacity_would_do_once_it_knows()
    {
        await using var site = await Site.OpenAsync();
        var shelf = site.Add("shelf", new() { Capacity = 100, Policy = EvictionPolicy.Lru, Advice = new() });
        var page = await chromium.OpenAsync();
        await page.GotoAsync(site.Address);
        var advice = page.Locator("article[data-cache=shelf] .advice");
        await Expect(advice).ToContainTextAsync("Gathering: 0 of 2,048 samples.", Patient);
        await Expect(page.Locator("article[data-cache=books] .advice")).ToBeHiddenAsync();

        // A loop of one and a half times the capacity: LRU finds nothing of it, and twice as large everything.
        using var end = new CancellationTokenSource();
        var reader = ReadInCirclesAsync(shelf, end.Token);
        await Expect(advice.Locator("li").First).ToHaveTextAsync(new Regex(@"^Twice the capacity: \+(9\d|100)\.\d points\.$"), new() { Timeout = 60_000 });
        await Expect(advice.Locator("li").Nth(1)).ToHaveTextAsync(new Regex(@"^Half the capacity: .0\.\d points\.$"));
        await Expect(advice.GetByRole(AriaRole.Img, new() { NameRegex = new("^Expected hit ratio of shelf by capacity: 25: .* %, 50: .* %, 100: .* %, 200: .* %, 400: .* %$") })).ToBeVisibleAsync();
        await advice.GetByText("Policies at this capacity").ClickAsync();
        await Expect(advice.GetByRole(AriaRole.Row, new() { NameRegex = new(@"^lru \d.* % in use$") })).ToBeVisibleAsync();
        await Screenshots.KeepAsync(page, "dashboard-advice");
        await end.CancelAsync();
        await reader;
    }

    [Fact]
    public async Task All_is_done_by_the_keyboard()
    {
        await using var site = await Site.OpenAsync();
        await site.TryReadAsync("a");
        var (page, books) = await OpenAsync(site);
        await books.GetByLabel("Key to look up in books").FocusAsync();
        await page.Keyboard.TypeAsync("a");
        await page.Keyboard.PressAsync("Enter");
        await Expect(books.Locator(".finding")).ToContainTextAsync("a is fresh");
        var clear = books.GetByRole(AriaRole.Button, new() { Name = "Clear the cache" });
        for (int i = 0; i < 6 && !await clear.EvaluateAsync<bool>("node => node === document.activeElement"); i++) await page.Keyboard.PressAsync("Tab");
        await Expect(clear).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#confirm-no")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(clear).ToBeFocusedAsync();
        Assert.True(site.Books.Contains("a"));
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#toasts")).ToContainTextAsync("Cleared");
        Assert.False(site.Books.Contains("a"));
    }

    [Fact]
    public async Task The_page_asks_nobody_else_and_breaks_no_rule_of_its_own()
    {
        await using var site = await Site.OpenAsync();
        var page = await chromium.OpenAsync();
        List<string> asked = [], said = [];
        page.Request += (_, request) => asked.Add(request.Url);
        page.Console += (_, message) => said.Add(message.Text);
        page.PageError += (_, error) => said.Add(error);
        await page.GotoAsync(site.Address.TrimEnd('/'));
        await Expect(page.Locator("article[data-cache=books]")).ToBeVisibleAsync();
        await page.Locator("#theme").ClickAsync();
        Assert.All(asked, url => Assert.StartsWith(site.Address.TrimEnd('/'), url, StringComparison.Ordinal));
        Assert.Empty(said);
        Assert.Equal(0, await page.Locator("main button:not([type]), main input:not([aria-label]):not([type=checkbox])").Filter(new() { HasNotText = "Look up" }).CountAsync());
    }

    [Theory]
    [InlineData(1280, 900, ColorScheme.Light)]
    [InlineData(1280, 900, ColorScheme.Dark)]
    [InlineData(390, 844, ColorScheme.Light)]
    [InlineData(390, 844, ColorScheme.Dark)]
    public async Task The_page_fits_desktop_and_phone_in_light_and_dark(int width, int height, ColorScheme scheme)
    {
        await using var site = await Site.OpenAsync(fresh: TimeSpan.FromSeconds(6));
        using var end = new CancellationTokenSource();
        var readers = site.ReadAsync(end.Token);
        var page = await chromium.OpenAsync(width, height, scheme);
        await page.GotoAsync(site.Address);
        await page.GetByLabel("Key to look up in books").FillAsync("book-1");
        var books = page.Locator("article[data-cache=books]");
        await Expect(books.Locator(".legend li:has(i.stale) b").Nth(1)).Not.ToHaveTextAsync("0");
        await books.GetByRole(AriaRole.Button, new() { Name = "Look up" }).ClickAsync();
        await Expect(books.Locator(".finding")).ToContainTextAsync("book-1 is");
        int overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"The page is {overflow} pixels wider than the window.");
        await Screenshots.KeepAsync(page, $"dashboard-{width}-{scheme.ToString().ToLowerInvariant()}");
        if (scheme == ColorScheme.Dark)
        {
            site.Fails = true;
            await Expect(books.Locator(".breaker")).ToHaveAttributeAsync("data-state", "Open");
            await Screenshots.KeepAsync(page, $"dashboard-{width}-failing");
        }

        await end.CancelAsync();
        await readers;
    }

    private async Task<(IPage Page, ILocator Books)> OpenAsync(Site site)
    {
        var page = await chromium.OpenAsync();
        await page.GotoAsync(site.Address);
        var books = page.Locator("article[data-cache=books]");
        await Expect(books).ToBeVisibleAsync();
        return (page, books);
    }

    private static LocatorAssertionsToContainTextOptions Patient => new() { Timeout = 60_000 };

    private static async Task ReadInCirclesAsync(Cache<string, string> cache, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            for (int key = 0; key < 150; key++) cache.GetOrAdd($"{key}", static name => name);
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static ILocator Figure(ILocator books, string name) => books.Locator(".figures div").Filter(new() { Has = books.Page.Locator($"dt:text-is('{name}')") }).Locator("dd");
}
