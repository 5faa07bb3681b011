namespace Larder.AspNetCore.Http;

/// <summary>The conditions of the client's own (RFC 9111 §4.3.2). The cache asks for the whole in any case, and evaluates them against what it has then.</summary>
internal static class Preconditions
{
    private static readonly HashSet<string> _evaluated = new(StringComparer.OrdinalIgnoreCase) { "If-None-Match", "If-Modified-Since" };

    /// <summary>Whether the field is a condition that is evaluated here, so that it does not go to the server.</summary>
    internal static bool Are(string name) => _evaluated.Contains(name);

    /// <summary>Whether the client has what would be served.</summary>
    internal static bool IsNotModified(HttpRequestMessage request, StoredResponse stored)
    {
        if (stored.Head.Status != 200) return false;
        var conditions = HeaderLines.Of(request);
        string tag = stored.Headers.First("ETag") ?? "";
        if (conditions.First("If-None-Match") is not null) return conditions.All("If-None-Match").Any(line => Names(line, tag));
        if (HttpDate.Parse(conditions.First("If-Modified-Since"), stored.Head.ReceivedAt) is not { } since) return false;
        string? modified = stored.Headers.First("Last-Modified") ?? stored.Headers.First("Date");
        return HttpDate.Parse(modified, stored.Head.ReceivedAt) is { } at && at <= since;
    }

    // Tags are quoted, so a comma may be in one.
    private static bool Names(string line, string tag)
    {
        for (int start = 0; start < line.Length;)
        {
            int quote = line.IndexOf('"', start);
            int end = quote < 0 ? -1 : line.IndexOf('"', quote + 1);
            int comma = line.IndexOf(',', end < 0 ? start : end);
            int stop = comma < 0 ? line.Length : comma;
            string one = line[start..stop].Trim();
            if (one == "*" || (one != "" && Validators.MatchWeakly(one, tag))) return true;
            start = stop + 1;
        }

        return false;
    }
}
