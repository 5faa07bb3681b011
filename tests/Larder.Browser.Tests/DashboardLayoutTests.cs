using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Larder.Browser.Tests;

/// <summary>The dashboard with no cache, with many, with names that nobody expected, and without its server.</summary>
public sealed class DashboardLayoutTests(Chromium chromium)
{
    // What the browser is told to wait before it connects again, in place of its own three seconds.
    private const string Greeting = "retry: 50\nevent: greeting\ndata: {\"application\":\"Empty\",\"instance\":\"here\",\"token\":\"\",\"showsValues\":false,\"intervalSeconds\":1}\n\n";
    private const string Nothing = "event: figures\ndata: {\"at\":0,\"caches\":[]}\n\n";

    [Fact]
    public async Task Without_a_cache_the_page_says_how_one_comes_there()
    {
        await using var site = await Site.OpenAsync();
        var page = await chromium.OpenAsync();
        await page.RouteAsync("**/feed", static route => route.FulfillAsync(new() { ContentType = "text/event-stream", Body = Greeting + Nothing }));
        await page.GotoAsync(site.Address);
        await Expect(page.Locator("#none")).ToContainTextAsync("AddLarder");
        await Expect(page.Locator("#none")).ToContainTextAsync("CacheView.Of");
        await Expect(page.Locator("article")).ToHaveCountAsync(0);
        await Screenshots.KeepAsync(page, "dashboard-empty");
    }

    [Fact]
    public async Task When_the_server_is_gone_the_page_says_so_and_goes_on_when_it_is_back()
    {
        await using var site = await Site.OpenAsync();
        var page = await chromium.OpenAsync();
        await page.GotoAsync(site.Address);
        await Expect(page.Locator("#state")).ToHaveTextAsync("live");
        await page.RouteAsync("**/feed", static route => route.FulfillAsync(new() { Status = 503 }));
        await page.EvaluateAsync("dispatchEvent(new Event('pagehide'))"); // Closes the feed,
        await page.ReloadAsync();                                         // which the next one does not get.
        await Expect(page.Locator("#state")).ToContainTextAsync("no answer");
        await Expect(page.Locator("body")).ToHaveAttributeAsync("data-old", "true");
        await page.UnrouteAllAsync();
        await Expect(page.Locator("#state")).ToHaveTextAsync("live");
        await Expect(page.Locator("body")).ToHaveAttributeAsync("data-old", "false");
    }

    [Fact]
    public async Task Of_many_caches_one_is_found_by_its_name_and_unfolded()
    {
        await using var site = await Site.OpenAsync();
        for (int i = 0; i < 20; i++) site.Add($"cache {i}");
        var page = await chromium.OpenAsync();
        await page.GotoAsync(site.Address);
        await Expect(page.Locator("article")).ToHaveCountAsync(22);
        await Expect(page.Locator(".pill")).ToHaveCountAsync(22);
        await Expect(page.Locator(".more:visible")).ToHaveCountAsync(0);
        await Screenshots.KeepAsync(page, "dashboard-many");

        await page.Keyboard.PressAsync("/");
        await Expect(page.GetByLabel("Find a cache")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("CHE 17");
        await Expect(page.Locator("article:visible")).ToHaveCountAsync(1);
        var details = page.GetByRole(AriaRole.Button, new() { Name = "details of cache 17" });
        await Expect(details).ToHaveAttributeAsync("aria-expanded", "false");
        await details.ClickAsync();
        await Expect(details).ToHaveAttributeAsync("aria-expanded", "true");
        await Expect(page.Locator("article:visible .more")).ToBeVisibleAsync();

        // What was unfolded stays so.
        await page.ReloadAsync();
        await Expect(page.Locator(".more:visible")).ToHaveCountAsync(1);
        await page.GetByLabel("Find a cache").FillAsync("nothing is called that");
        await Expect(page.Locator("#unfound")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Names_and_keys_of_any_length_stay_within_their_cards(int width)
    {
        await using var site = await Site.OpenAsync();
        site.Add(new string('n', 300));
        string key = new('k', 900);
        await site.TryReadAsync(key);
        var page = await chromium.OpenAsync(width);
        await page.GotoAsync(site.Address);
        await Expect(page.Locator("article")).ToHaveCountAsync(3);
        var books = page.Locator("article[data-cache=books]");
        if (await books.Locator(".fold").GetAttributeAsync("aria-expanded") == "false") await books.Locator(".fold").ClickAsync();
        await books.GetByLabel("Key to look up in books").FillAsync(key);
        await books.GetByRole(AriaRole.Button, new() { Name = "Look up" }).ClickAsync();
        await Expect(books.Locator(".finding")).ToContainTextAsync("is fresh");
        await books.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Expect(page.Locator("#confirm-no")).ToBeInViewportAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('article *')].filter(node => node.getBoundingClientRect().right > node.closest('article').getBoundingClientRect().right + 1).length"));
    }

    [Fact]
    public async Task Cards_leave_no_gaps_between_them()
    {
        await using var site = await Site.OpenAsync();
        for (int i = 0; i < 3; i++) site.Add($"cache {i}");
        var page = await chromium.OpenAsync();
        await page.GotoAsync(site.Address);
        await Expect(page.Locator("article")).ToHaveCountAsync(5);

        // In each column, from the end of a card to the next: one distance, give or take a pixel of rounding.
        await Expect(page.Locator("article").Last).ToBeVisibleAsync();
        await page.WaitForFunctionAsync("""
            () => {
              const columns = Map.groupBy([...document.querySelectorAll('article')].map(card => card.getBoundingClientRect()), box => Math.round(box.left));
              const gaps = [...columns.values()].flatMap(boxes => boxes.sort((a, b) => a.top - b.top).slice(1).map((box, i) => box.top - boxes[i].bottom));
              return columns.size > 1 && gaps.length > 0 && gaps.every(gap => gap > 10 && gap < 25);
            }
            """);
    }
}
