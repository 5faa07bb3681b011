using Larder.AspNetCore.Http;

namespace Larder;

/// <summary>
/// A private cache for an <see cref="HttpClient"/> (RFC 9111): what servers allow to be kept is served from memory, validated when it has become stale, and asked for once
/// however many ask. Stale responses are served while they are refreshed and in place of errors, as RFC 5861 has it.
/// </summary>
/// <remarks>
/// <para>Thread-safe. A response from the cache has a body of its own, and an <c>Age</c>. Only asynchronous requests are answered.</para>
/// <para>Where a client comes from a container, use <c>AddLarderHttpCache</c>: handlers come and go there, and the cache stays.</para>
/// </remarks>
/// <example><code>
/// using var http = new HttpClient(new LarderHttpCache(new() { Capacity = 64 &lt;&lt; 20 }) { InnerHandler = new SocketsHttpHandler() });
/// var catalogue = await http.GetStringAsync("https://catalogue.example/products");
/// </code></example>
public sealed class LarderHttpCache : DelegatingHandler
{
    private readonly ResponseStore _store;
    private readonly bool _isOwner;
    private readonly Answering _answering;
    private readonly UnsafeRequests _unsafe;
    private readonly Func<HttpRequestMessage, string?> _partition;

    /// <summary>Builds a cache of its own.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public LarderHttpCache(LarderHttpCacheOptions? options = null)
        : this(ResponseStore.Open(options ?? new())) => _isOwner = true;

    internal LarderHttpCache(ResponseStore store)
    {
        _store = store;
        _answering = new(store);
        _unsafe = new(store);
        _partition = store.Options.Partition ?? ResponseKey.Credentials;
    }

    /// <summary>The cache as those see it who look after it: its figures, and keys, which are addresses, removed and cleared.</summary>
    public ICacheView View => CacheView.Of(_store.Cache);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!RequestRules.HasAddress(request)) return await PassAsync(request, cancellationToken).ConfigureAwait(false);
        if (!RequestRules.IsSafe(request.Method)) return _answering.Told(await _unsafe.SendAsync(request, base.SendAsync, cancellationToken).ConfigureAwait(false), CacheStatus.NotGet);
        if (!RequestRules.IsCached(request)) return await PassAsync(request, cancellationToken).ConfigureAwait(false);
        var exchange = new Exchange(request, base.SendAsync, _partition, _store.Now);

        // §5.2.1.5. What asks not to be kept is not answered from what is kept either.
        if (exchange.Asked is { NoStore: true, OnlyIfCached: false }) return await PassAsync(request, cancellationToken).ConfigureAwait(false);
        return await (request.Method == HttpMethod.Get ? _answering.GetAsync(exchange, cancellationToken) : _answering.HeadAsync(exchange, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Not supported: who asks for what others have asked for waits for them, and must not block a thread for it.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"A client with a {nameof(LarderHttpCache)} answers only asynchronous requests: call SendAsync.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _isOwner) _store.Dispose();
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> PassAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _answering.Told(await base.SendAsync(request, cancellationToken).ConfigureAwait(false), CacheStatus.NotCached);
}
