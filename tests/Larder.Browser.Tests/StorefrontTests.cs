using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Larder.Browser.Tests;

public sealed class StorefrontTests(Chromium chromium)
{
    [Fact]
    public async Task A_failing_database_shows_in_the_shop_and_on_the_dashboard_until_it_is_mended()
    {
        await using var shop = await Storefront.OpenAsync();
        var page = await chromium.OpenAsync();
        await page.GotoAsync(shop.Address);
        await TurnAsync(page, 60);
        await Expect(page.Locator("#come")).ToHaveTextAsync("360");
        await Expect(page.Locator("#hits")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[0-9,]{3,}$"));

        var dashboard = await page.Context.NewPageAsync();
        await dashboard.GotoAsync(shop.Address);
        await dashboard.GetByRole(AriaRole.Link, new() { Name = "Dashboard" }).ClickAsync();
        var products = dashboard.Locator("article[data-cache=products]");
        await Expect(products.Locator("tbody th")).ToHaveTextAsync("disk");
        await Expect(products.Locator(".breaker")).ToHaveAttributeAsync("data-state", "Closed");

        await page.GetByRole(AriaRole.Button, new() { Name = "Make the database fail" }).ClickAsync();
        await Expect(page.Locator("#down")).ToContainTextAsync("left alone");
        await Expect(products.Locator(".breaker")).ToHaveAttributeAsync("data-state", "Open");
        await Screenshots.KeepAsync(dashboard, "storefront-dashboard-failing");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mend the database" }).ClickAsync();
        await Expect(products.Locator(".breaker")).ToHaveAttributeAsync("data-state", "Closed");
        await Expect(page.Locator("#down")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task What_is_bought_is_one_fewer_in_stock()
    {
        await using var shop = await Storefront.OpenAsync();
        var page = await chromium.OpenAsync();
        await page.GotoAsync(shop.Address);
        await TurnAsync(page, 0);
        await page.Locator("a.card").First.ClickAsync();
        var stock = page.Locator("p.hint", new() { HasTextString = " in stock" });
        int before = await CountAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Buy" }).ClickAsync();
        await Expect(page.GetByText("Ordered.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask again" }).ClickAsync();
        await Expect(stock).Not.ToHaveTextAsync($"{before} in stock");
        Assert.True(await CountAsync() < before);

        async Task<int> CountAsync() => int.Parse((await stock.TextContentAsync())!.Split(' ')[0], CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(1280, 900, ColorScheme.Light)]
    [InlineData(1280, 900, ColorScheme.Dark)]
    [InlineData(390, 844, ColorScheme.Light)]
    [InlineData(390, 844, ColorScheme.Dark)]
    public async Task The_shop_and_its_dashboard_fit_desktop_and_phone(int width, int height, ColorScheme scheme)
    {
        await using var shop = await Storefront.OpenAsync();
        var page = await chromium.OpenAsync(width, height, scheme);
        await page.GotoAsync(shop.Address);
        await TurnAsync(page, 60);
        await Expect(page.Locator("a.card")).ToHaveCountAsync(12);
        await Expect(page.Locator("#evictions")).Not.ToHaveTextAsync("0");
        await KeepAsync("storefront");
        await page.GotoAsync($"{shop.Address}/larder");
        await Expect(page.Locator("article")).ToHaveCountAsync(4);
        await Expect(page.Locator("article[data-cache=products] .legend li:has(i.absent) b").First).Not.ToHaveTextAsync("0");
        await KeepAsync("storefront-dashboard");

        async Task KeepAsync(string name)
        {
            int overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(overflow <= 0, $"{name} is {overflow} pixels wider than the window.");
            await Screenshots.KeepAsync(page, $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}");
        }
    }

    private static async Task TurnAsync(IPage page, int turn) => await page.Locator("#visitors").EvaluateAsync(
        "(dial, turn) => { dial.value = turn; dial.dispatchEvent(new Event('input')); dial.dispatchEvent(new Event('change')); }", turn);
}
