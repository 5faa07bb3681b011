namespace Larder.AspNetCore.Http;

/// <summary>What an unsafe request makes of what is kept (RFC 9111 §4.4): after it has succeeded, the resource is forgotten, and those of the same origin that the answer names.</summary>
internal sealed class UnsafeRequests(ResponseStore store)
{
    private readonly Func<HttpRequestMessage, string?> _partition = store.Options.Partition ?? ResponseKey.Credentials;

    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Send send, CancellationToken cancellationToken)
    {
        // Before it is sent: handlers below may follow a redirect, and say so in the message.
        var uri = request.RequestUri!;
        string? partition = _partition(request);
        var response = await send(request, cancellationToken).ConfigureAwait(false);
        if ((int)response.StatusCode is < 200 or >= 400) return response;
        await ForgetAsync(request, uri, partition).ConfigureAwait(false);
        foreach (string name in (string[])["Location", "Content-Location"])
        {
            if (HeaderLines.Of(response).First(name) is { } text && Uri.TryCreate(uri, text, out var other) && IsSameOrigin(uri, other))
                await ForgetAsync(request, other, partition).ConfigureAwait(false);
        }

        return response;
    }

    // For whom it was sent, and for those who say nothing of themselves. It has been answered, so who cancels now is too late.
    private async ValueTask ForgetAsync(HttpRequestMessage request, Uri uri, string? partition)
    {
        string address = ResponseKey.AddressOf(request, uri);
        await store.ForgetAsync(address).ConfigureAwait(false);
        if (partition is not null) await store.ForgetAsync(ResponseKey.In(address, partition)).ConfigureAwait(false);
    }

    private static bool IsSameOrigin(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && one.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase);
}
