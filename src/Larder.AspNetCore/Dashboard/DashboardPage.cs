using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Larder.AspNetCore.Dashboard;

/// <summary>The files of the page, from the assembly, with headers that let them ask nobody but their own server.</summary>
internal static class DashboardPage
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly FrozenDictionary<string, (string Type, byte[] Bytes)> _files = new Dictionary<string, (string, byte[])>
    {
        ["index.html"] = ("text/html; charset=utf-8", Read("index.html")),
        ["page.css"] = ("text/css; charset=utf-8", Read("page.css")),
        ["page.js"] = ("text/javascript; charset=utf-8", Read("page.js")),
        ["panel.js"] = ("text/javascript; charset=utf-8", Read("panel.js")),
        ["advice.js"] = ("text/javascript; charset=utf-8", Read("advice.js")),
        ["layout.js"] = ("text/javascript; charset=utf-8", Read("layout.js")),
        ["asking.js"] = ("text/javascript; charset=utf-8", Read("asking.js")),
        ["words.js"] = ("text/javascript; charset=utf-8", Read("words.js")),
        ["charts.js"] = ("text/javascript; charset=utf-8", Read("charts.js")),
        ["icon.svg"] = ("image/svg+xml", Read("icon.svg")),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static IEnumerable<string> Names => _files.Keys;

    internal static Task SendAsync(HttpContext context, string name)
    {
        var (type, bytes) = _files[name];
        Protect(context.Response.Headers);
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    internal static void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
    }

    private static byte[] Read(string name)
    {
        using var from = typeof(DashboardPage).Assembly.GetManifestResourceStream($"dashboard/{name}")!;
        byte[] bytes = new byte[from.Length];
        from.ReadExactly(bytes);
        return bytes;
    }
}
