using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Larder.Browser.Tests;

/// <summary>A visitor without a browser, with cookies.</summary>
internal sealed class Visitor : IDisposable
{
    private readonly HttpClientHandler _handler = new() { CookieContainer = new() };
    private readonly HttpClient _client;

    public Visitor(string address) => _client = new(_handler) { BaseAddress = new(address) };

    /// <summary>What the feed greets with.</summary>
    public async Task<string> TokenAsync()
    {
        using var stream = await _client.GetStreamAsync("feed");
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
            if (item.EventType == "greeting") return JsonDocument.Parse(item.Data).RootElement.GetProperty("token").GetString()!;
        throw new InvalidDataException("The feed ended without a greeting.");
    }

    public Task<HttpStatusCode> PostAsync(string action, string? token) => SendAsync(HttpMethod.Post, action, token, JsonContent.Create(new { cache = "books" }));

    public async Task<HttpStatusCode> SendAsync(HttpMethod method, string action, string? token, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, action) { Content = content };
        if (token is not null) request.Headers.Add("X-Larder-Token", token);
        using var response = await _client.SendAsync(request);
        return response.StatusCode;
    }

    public async Task<string> AskAsync<T>(string action, string token, T body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, action) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Larder-Token", token);
        using var response = await _client.SendAsync(request);
        // As a person reads it: escapes undone.
        return System.Text.RegularExpressions.Regex.Unescape(await response.Content.ReadAsStringAsync());
    }

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }
}
