using System.Net;
using Larder.TestKit;

namespace Larder.AspNetCore.Tests.Http;

/// <summary>A client with a cache, over sockets, in a time of the test's own.</summary>
internal sealed class Client : IDisposable
{
    private readonly LarderHttpCache _cache;

    internal Client(LarderHttpCacheOptions? options = null, FakeClock? clock = null, HttpMessageHandler? inner = null)
    {
        Clock = clock ?? new();
        _cache = new((options ?? new()) with { TimeProvider = Clock }) { InnerHandler = inner ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false } };
        Http = new(_cache) { Timeout = TimeSpan.FromMinutes(2) };
    }

    internal FakeClock Clock { get; }

    internal HttpClient Http { get; }

    internal ICacheView View => _cache.View;

    internal async Task<Answer> AskAsync(HttpMethod method, Uri uri, params string[] headers)
    {
        using var request = new HttpRequestMessage(method, uri);
        foreach (string header in headers) request.Headers.TryAddWithoutValidation(header.Split(':')[0], header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string? said = response.Headers.TryGetValues("Cache-Status", out var lines) ? lines.Last() : null;
        return new(response.StatusCode, body, response.Headers.Age, said, [.. response.Headers.Concat(response.Content.Headers).SelectMany(static line => line.Value.Select(value => $"{line.Key}: {value}"))]);
    }

    internal Task<Answer> GetAsync(Uri uri, params string[] headers) => AskAsync(HttpMethod.Get, uri, headers);

    /// <summary>Waits until it is so: for things that happen behind the caller's back.</summary>
    internal static async Task Until(Func<bool> isSo)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(TimeSpan.FromMinutes(1));
        while (!isSo()) await Task.Delay(TimeSpan.FromMilliseconds(2), bound.Token);
    }

    public void Dispose() => Http.Dispose();
}

internal sealed record Answer(HttpStatusCode Status, string Body, TimeSpan? Age, string? Said, IReadOnlyList<string> Headers);
