namespace Larder.AspNetCore.Http;

/// <summary>Which requests a cache has to do with.</summary>
internal static class RequestRules
{
    // About a part, a change or another protocol: what is kept says nothing of these (RFC 9111 §3.3, RFC 9110 §13.1.1, §13.1.4).
    private static readonly string[] _passing = ["Range", "If-Range", "If-Match", "If-Unmodified-Since", "Upgrade"];

    internal static bool HasAddress(HttpRequestMessage request) => request.RequestUri is { IsAbsoluteUri: true, Scheme: "http" or "https" };

    /// <summary>Those that change nothing at the server (RFC 9110 §9.2.1).</summary>
    internal static bool IsSafe(HttpMethod method) => method.Method is "GET" or "HEAD" or "OPTIONS" or "TRACE" or "QUERY" or "PROPFIND" or "REPORT" or "SEARCH";

    /// <summary>Whether what is kept may answer it, and its answer be kept.</summary>
    internal static bool IsCached(HttpRequestMessage request)
    {
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head) return false;
        return request.Content is null && !Array.Exists(_passing, request.Headers.NonValidated.Contains);
    }

    /// <summary>What a request asks of the cache. Without Cache-Control, Pragma counts (RFC 9111 §5.4).</summary>
    internal static CacheControl Asked(HeaderLines fields)
    {
        var asked = CacheControl.Of(fields);
        return !asked.IsPresent && fields.First("Pragma")?.Contains("no-cache", StringComparison.OrdinalIgnoreCase) == true ? asked with { NoCache = true } : asked;
    }
}
