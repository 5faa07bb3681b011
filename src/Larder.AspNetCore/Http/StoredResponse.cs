using System.Globalization;
using System.Net;

namespace Larder.AspNetCore.Http;

/// <summary>A whole response, as it is kept. Nothing of it changes: what is freshened is another one.</summary>
internal sealed class StoredResponse : HttpEntry
{
    // What stays of a response in a 304 (RFC 9110 §15.4.5).
    private static readonly HashSet<string> _inNotModified = new(StringComparer.OrdinalIgnoreCase) { "Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Last-Modified", "Vary" };

    internal StoredResponse(ResponseHead head, HeaderLines headers, byte[] body, LarderHttpCacheOptions options)
    {
        Head = head;
        Headers = headers;
        Body = body;
        Freshness = Freshness.Of(head.Status, headers, head.RequestedAt, head.ReceivedAt, options);
        Weight = 400 + body.Length + (head.Reason?.Length ?? 0) * 2;
        foreach (var line in headers.Lines) Weight += 48 + 2L * line.Value.Length;
    }

    internal ResponseHead Head { get; }

    internal HeaderLines Headers { get; }

    internal byte[] Body { get; }

    internal Freshness Freshness { get; }

    internal override long Weight { get; }

    /// <summary>Whether it is an answer to a request with these fields (RFC 9111 §4.1).</summary>
    internal bool Selects(HeaderLines request) =>
        VaryRule.NamesOf(Headers) is { } names && VaryRule.SelectorOf(names, request) == Head.Selector;

    /// <summary>This one, with what a confirmation says of it (RFC 9111 §3.2, §4.3.4).</summary>
    internal StoredResponse FreshenedBy(HeaderLines confirmation, DateTimeOffset requestedAt, DateTimeOffset receivedAt, LarderHttpCacheOptions options) => new(
        Head with { RequestedAt = requestedAt, ReceivedAt = receivedAt },
        Headers.Where(static name => !name.Equals("Age", StringComparison.OrdinalIgnoreCase)).UpdatedBy(confirmation), // The age was that of the older one.
        Body, options);

    /// <summary>A response of its own for a request: the body is shared, and cannot be written.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ageAt">When it is served, if it was not fetched or validated for this (§5.1).</param>
    internal HttpResponseMessage ToResponse(HttpRequestMessage request, DateTimeOffset? ageAt)
    {
        if (Preconditions.IsNotModified(request, this)) return Made(HttpStatusCode.NotModified, null, [], Headers.Where(_inNotModified.Contains), request, ageAt);
        bool isHead = request.Method == HttpMethod.Head;
        var response = Made((HttpStatusCode)Head.Status, Head.Reason, isHead ? [] : Body, Headers, request, ageAt);
        if (isHead) response.Content.Headers.ContentLength = Body.Length;
        return response;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Head.Status} {Head.Reason}, {Headers.First("Content-Type") ?? "no type"}, {Body.Length:N0} bytes, of {Head.ReceivedAt:u}, ETag {Headers.First("ETag") ?? "none"}");

    private HttpResponseMessage Made(HttpStatusCode status, string? reason, byte[] body, HeaderLines headers, HttpRequestMessage request, DateTimeOffset? ageAt)
    {
        var response = new HttpResponseMessage(status) { Version = Head.Version, RequestMessage = request, Content = new ByteArrayContent(body) };
        if (reason is not null) response.ReasonPhrase = reason;
        headers.AddTo(response);
        if (ageAt is not { } now) return response;
        response.Headers.Remove("Age");
        response.Headers.Age = TimeSpan.FromSeconds(Math.Min(Math.Floor(Freshness.AgeAt(now).TotalSeconds), CacheControl.MostSeconds));
        return response;
    }
}

/// <summary>What is known of a response beside its headers and body.</summary>
/// <param name="Status">Its status code.</param>
/// <param name="Reason">Its reason phrase, if it has one of its own.</param>
/// <param name="Version">The version of the protocol.</param>
/// <param name="RequestedAt">When the request for it, or for its confirmation, was sent.</param>
/// <param name="ReceivedAt">When that was answered.</param>
/// <param name="Selector">What its request had in the fields that it varies by: see <see cref="VaryRule.SelectorOf"/>.</param>
internal sealed record ResponseHead(int Status, string? Reason, Version Version, DateTimeOffset RequestedAt, DateTimeOffset ReceivedAt, string Selector);
