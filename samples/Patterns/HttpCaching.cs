using Larder;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Patterns;

internal static class HttpCaching
{
    public static async Task Run()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient(new LarderHttpCache(new() { AddsCacheStatus = true }) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = new(server.Urls.Single()) };

        await Show(http); // "http"; fwd=uri-miss; stored
        await Show(http); // "http"; hit; ttl=59

        // A change through the same client forgets what it changes.
        using (await http.PutAsync("/products/1", new StringContent("0.60"))) await Show(http);
    }

    private static async Task Show(HttpClient http)
    {
        using var response = await http.GetAsync("/products/1");
        Console.WriteLine($"{await response.Content.ReadAsStringAsync()}: {string.Join(", ", response.Headers.GetValues("Cache-Status"))}");
    }

    // Somebody else's server. What may be kept of its answers, and how long, it says itself.
    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.MapGet("/products/{id}", async context =>
        {
            Console.WriteLine($"  the server is asked for {context.Request.Path}");
            context.Response.Headers.CacheControl = "max-age=60, stale-while-revalidate=600";
            await context.Response.WriteAsync("an apple");
        });
        server.MapPut("/products/{id}", static context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await server.StartAsync();
        return server;
    }
}
