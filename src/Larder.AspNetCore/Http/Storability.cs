namespace Larder.AspNetCore.Http;

/// <summary>What may be kept (RFC 9111 §3): of the responses to GET, by a private cache.</summary>
internal static class Storability
{
    // Those with a freshness of their own (RFC 9110 §15.1), but for 206: parts are not kept.
    private static bool IsHeuristic(int status) => status is 200 or 203 or 204 or 300 or 301 or 308 or 404 or 405 or 410 or 414 or 501;

    // Those whose meaning for caches is known here: for must-understand (§5.2.2.3).
    private static bool IsUnderstood(int status) => IsHeuristic(status) || status is 302 or 303 or 307;

    internal static bool IsStorable(int status, CacheControl said, HeaderLines headers)
    {
        // Final, and neither a part nor the confirmation of what somebody else has.
        if (status < 200 || status is 206 or 304) return false;
        if (said.MustUnderstand ? !IsUnderstood(status) : said.NoStore) return false;

        // Nothing is found that varies by everything (§4.1), or by too much to be counted on.
        if (VaryRule.NamesOf(headers) is null) return false;
        return said.Public || said.Private || said.MaxAge is not null || headers.First("Expires") is not null || IsHeuristic(status);
    }

    /// <summary>Whether a response that says nothing of its freshness has one of its own (§4.2.2).</summary>
    internal static bool MayBeGuessed(int status, CacheControl said) => IsHeuristic(status) || said.Public;
}
