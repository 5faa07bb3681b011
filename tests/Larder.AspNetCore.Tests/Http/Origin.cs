using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Larder.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Larder.AspNetCore.Tests.Http;

/// <summary>A real server, whose resources do what tests say.</summary>
public sealed partial class Origin : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, RequestDelegate> _resources = new();
    private WebApplication _app = null!;

    public string Address { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(context => _resources[context.Request.Path](context));
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>No one can be reached any more.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>Puts a resource on the server. Returns its address.</summary>
    public Uri Serve(RequestDelegate answer)
    {
        string path = $"/{Guid.NewGuid():N}";
        _resources[path] = answer;
        return new(Address + path);
    }

    /// <summary>
    /// A resource by a list of answers, one for each request, the last for all further ones: a status if it is not 200, and headers, parted by bars; <c>{60}</c> is the time in a
    /// minute. The body is the number of the request. Conditions are answered if their validator is the answer's; <c>304!</c> is "not modified" in any case.
    /// </summary>
    public (Uri Uri, Counted Asked) Serve(FakeClock clock, params string[] answers)
    {
        var asked = new Counted();
        return (Serve(async context =>
        {
            if (context.Request.Method is not ("GET" or "HEAD"))
            {
                Change(context);
                return;
            }

            int number = asked.Next();
            string[] parts = Dated(answers[Math.Min(number, answers.Length) - 1], clock).Split('|');
            foreach (string header in parts.Where(static part => part.Contains(':', StringComparison.Ordinal)))
                context.Response.Headers.Append(header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (context.Response.Headers.Date.Count == 0) context.Response.Headers.Date = clock.GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
            context.Response.StatusCode = parts[0] == "304!" || IsKnown(context) ? 304 : int.TryParse(parts[0], out int status) ? status : 200;
            if (context.Response.StatusCode is 304 or 204) return;
            string body = number.ToString(CultureInfo.InvariantCulture);
            context.Response.ContentLength = body.Length;
            if (context.Request.Method == "GET") await context.Response.WriteAsync(body);
        }), asked);
    }

    /// <summary>Writes the times that the text asks for.</summary>
    public static string Dated(string text, FakeClock clock) =>
        Time().Replace(text, match => clock.GetUtcNow().AddSeconds(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToString("r", CultureInfo.InvariantCulture));

    private static bool IsKnown(HttpContext context) =>
        context.Request.Headers.IfNoneMatch is { Count: > 0 } tags
            ? tags == context.Response.Headers.ETag
            : context.Request.Headers.IfModifiedSince is { Count: > 0 } since && since == context.Response.Headers.LastModified;

    // What the test wants to be answered to a change, it says in the request.
    private static void Change(HttpContext context)
    {
        context.Response.StatusCode = int.TryParse(context.Request.Headers["X-Answer"], out int status) ? status : 204;
        if (context.Request.Headers.TryGetValue("X-Location", out var location)) context.Response.Headers.Location = location;
        if (context.Request.Headers.TryGetValue("X-Content-Location", out location)) context.Response.Headers.ContentLocation = location;
    }

    [GeneratedRegex(@"\{(-?\d+)\}")]
    private static partial Regex Time();

    /// <summary>How often something was asked for.</summary>
    public sealed class Counted
    {
        private int _times;

        public int Times => Volatile.Read(ref _times);

        public int Next() => Interlocked.Increment(ref _times);
    }
}
