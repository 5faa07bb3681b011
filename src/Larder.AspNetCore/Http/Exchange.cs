namespace Larder.AspNetCore.Http;

/// <summary>Sends a request further down the client's handlers.</summary>
internal delegate Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellationToken);

/// <summary>One request of a client, as it was when it came: what is sent for it may be sent when the client has gone on, so it is never the client's own message.</summary>
internal sealed class Exchange
{
    private readonly Send _send;
    private readonly Version _version;
    private readonly HttpVersionPolicy _policy;
    private readonly KeyValuePair<string, object?>[] _options;
    private readonly Uri _uri;

    internal Exchange(HttpRequestMessage request, Send send, Func<HttpRequestMessage, string?> partition, DateTimeOffset now)
    {
        Request = request;
        Began = now;
        Fields = HeaderLines.Of(request);
        Asked = RequestRules.Asked(Fields);
        Address = ResponseKey.Of(request, partition);
        _send = send;
        _uri = request.RequestUri!;
        (_version, _policy) = (request.Version, request.VersionPolicy);
        _options = [.. request.Options];
    }

    /// <summary>The client's own message. Read only while the client waits.</summary>
    internal HttpRequestMessage Request { get; }

    internal HeaderLines Fields { get; }

    internal CacheControl Asked { get; }

    /// <summary>Where what is known of the resource is kept.</summary>
    internal string Address { get; }

    internal DateTimeOffset Began { get; }

    /// <summary>Sends the client's own message, and lets the cache be.</summary>
    internal Task<HttpResponseMessage> ForwardAsync(CancellationToken cancellationToken) => _send(Request, cancellationToken);

    /// <summary>Asks the server for the whole, or whether <paramref name="stored"/> still holds.</summary>
    internal Task<HttpResponseMessage> AskAsync(StoredResponse? stored, CancellationToken cancellationToken)
    {
        var copy = new HttpRequestMessage(HttpMethod.Get, _uri) { Version = _version, VersionPolicy = _policy };
        foreach (var (name, value) in Fields.Lines)
            if (!Preconditions.Are(name)) copy.Headers.TryAddWithoutValidation(name, value);
        foreach (var (name, value) in _options) copy.Options.Set(new HttpRequestOptionsKey<object?>(name), value);
        if (stored is not null) Validators.AddTo(copy, stored);
        return _send(copy, cancellationToken);
    }

    /// <summary>Whether the handlers below followed a redirect: then the response is that of another resource.</summary>
    internal bool WasRedirected(HttpResponseMessage response) => response.RequestMessage?.RequestUri is { } final && final != _uri;

    /// <summary>Makes a live response the client's: its message says where it came from in the end.</summary>
    internal HttpResponseMessage Own(HttpResponseMessage response)
    {
        if (response.RequestMessage?.RequestUri is { } final) Request.RequestUri = final;
        response.RequestMessage = Request;
        return response;
    }
}
