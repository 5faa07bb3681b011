using System.Globalization;
using System.Text;

namespace Larder.AspNetCore.Http;

/// <summary>Says what the cache did with a request, for people and programs that look for the reason (RFC 9211).</summary>
internal static class CacheStatus
{
    internal const string Missed = "uri-miss";
    internal const string MissedVariant = "vary-miss";
    internal const string Old = "stale";
    internal const string AskedTo = "request";
    internal const string NotCached = "bypass";
    internal const string NotGet = "method";

    /// <summary>Served without asking the server; stale if its time to live is below zero.</summary>
    internal static string Hit(Freshness freshness, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"hit; ttl={(long)Math.Floor(-freshness.StalenessAt(now).TotalSeconds)}");

    /// <summary>The server was asked.</summary>
    /// <param name="why">Why.</param>
    /// <param name="status">What it answered, if that is not what is served.</param>
    /// <param name="isStored">Whether its answer is kept.</param>
    /// <param name="isJoined">Whether it was asked for another request too.</param>
    /// <param name="detail">What else there is to say, in a word.</param>
    internal static string Forwarded(string why, int? status = null, bool isStored = false, bool isJoined = false, string? detail = null)
    {
        var text = new StringBuilder("fwd=").Append(why);
        if (status is { } answered) text.Append(CultureInfo.InvariantCulture, $"; fwd-status={answered}");
        if (isStored) text.Append("; stored");
        if (isJoined) text.Append("; collapsed");
        return detail is null ? text.ToString() : text.Append("; detail=").Append(detail).ToString();
    }

    /// <summary>Adds it behind what caches nearer to the server have said.</summary>
    internal static void Add(HttpResponseMessage response, string name, string what)
    {
        var quoted = new StringBuilder();
        foreach (char c in name) quoted.Append(c is '"' or '\\' ? "\\" : "").Append(c is >= ' ' and < '\x7f' ? c : '?');
        response.Headers.TryAddWithoutValidation("Cache-Status", $"\"{quoted}\"; {what}");
    }
}
