namespace Larder.AspNetCore.Http;

/// <summary>What the answer to a HEAD tells of the response that is kept of GET (RFC 9111 §4.3.5): it is freshened if it is still that one, and forgotten if not.</summary>
internal sealed class HeadUpdate(ResponseStore store, HttpResponseMessage response, DateTimeOffset requestedAt)
{
    private readonly HeaderLines _headers = HeaderLines.Kept(response);
    private readonly long? _length = response.Content.Headers.ContentLength;

    /// <summary>A load without a request, so that an invalidation meanwhile is not undone.</summary>
    internal async ValueTask ApplyAsync(string key, CancellationToken cancellationToken) =>
        await store.Cache.RefreshAsync(key, static (request, update, _) => new(update.Of(request.Old)), this, cancellationToken).ConfigureAwait(false);

    private Loaded<HttpEntry> Of(in Loaded<HttpEntry> kept)
    {
        if (!kept.HasValue || kept.Value is not StoredResponse old) return Loaded<HttpEntry>.Absent;
        bool isSame = Validators.AreIn(_headers) && Validators.Confirm(_headers, old.Headers) && (_length ?? old.Body.Length) == old.Body.Length;
        if (!isSame) return Loaded<HttpEntry>.Absent;
        var freshened = old.FreshenedBy(_headers, requestedAt, store.Now, store.Options);
        return freshened.Freshness.ToLifetime(store.Now, hasValidator: true, store.Options.Retention) is { } lifetime ? new(freshened) { Lifetime = lifetime } : Loaded<HttpEntry>.Absent;
    }
}
