using System.Reflection;
using Microsoft.Playwright;

namespace Larder.Browser.Tests;

/// <summary>Keeps what pages look like for people to look at, under <c>artifacts/screenshots</c>.</summary>
internal static class Screenshots
{
    public static Task KeepAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(Folder(), $"{name}.png"), FullPage = true });

    private static string Folder()
    {
        string? at = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (at is not null && Path.GetFileName(at) != "artifacts") at = Path.GetDirectoryName(at);
        return Directory.CreateDirectory(Path.Combine(at ?? ".", "screenshots")).FullName;
    }
}
