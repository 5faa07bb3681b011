using System.Security.Cryptography;
using System.Text;

namespace Larder.AspNetCore.Http;

/// <summary>Under what a response is found: the address of the resource (RFC 9111 §2), and for whom it is.</summary>
internal static class ResponseKey
{
    /// <summary>The address that a request is for, in its own partition.</summary>
    internal static string Of(HttpRequestMessage request, Func<HttpRequestMessage, string?> partition) => In(AddressOf(request, request.RequestUri!), partition(request));

    /// <summary>Another address in the same partition.</summary>
    internal static string In(string address, string? partition) => partition is null ? address : $"{address} {DigestOf(partition)}";

    internal static string AddressOf(HttpRequestMessage request, Uri uri)
    {
        string address = uri.Fragment.Length == 0 ? uri.AbsoluteUri : uri.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);

        // Of two hosts at one address, each has resources of its own.
        return request.Headers.Host is { } host && !host.Equals(uri.Authority, StringComparison.OrdinalIgnoreCase) ? $"{address} host={host.ToLowerInvariant()}" : address;
    }

    /// <summary>By whose credentials the request asks; null for nobody's. A private cache is one user's (RFC 9111 §1), and a server's client may speak for many.</summary>
    internal static string? Credentials(HttpRequestMessage request)
    {
        bool isAuthorized = request.Headers.NonValidated.TryGetValues("Authorization", out var authorization);
        bool hasCookies = request.Headers.NonValidated.TryGetValues("Cookie", out var cookies);
        return isAuthorized || hasCookies ? $"{authorization}\n{cookies}" : null;
    }

    // Neither credentials nor whatever else tells users apart is to be read off a key.
    private static string DigestOf(string partition) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(partition)).AsSpan(0, 16));
}
