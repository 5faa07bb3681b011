using System.Net.Http.Headers;

namespace Larder.AspNetCore.Http;

/// <summary>The header lines of a message, as they stood there. Read without being validated: what is malformed is the reader's affair.</summary>
internal sealed class HeaderLines(KeyValuePair<string, string>[] lines)
{
    // RFC 9111 §3.1, and of RFC 9110 §7.6.1 what is about one connection. Lengths are those of the bodies that are kept.
    private static readonly HashSet<string> _notKept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Proxy-Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Content-Length",
    };

    // What tells how the body that is kept is to be read: RFC 9111 §3.2 leaves it to a cache whose body may have been decoded on the way.
    private static readonly HashSet<string> _ofTheBody = new(StringComparer.OrdinalIgnoreCase) { "Content-Encoding", "Content-Type", "Content-Range" };

    internal static HeaderLines None { get; } = new([]);

    internal ReadOnlySpan<KeyValuePair<string, string>> Lines => lines;

    /// <summary>What of a response is kept (RFC 9111 §3.1).</summary>
    internal static HeaderLines Kept(HttpResponseMessage response)
    {
        var all = Of(response.Headers, response.Content.Headers);
        HashSet<string>? named = null;
        foreach (string line in all.All("Connection"))
        {
            var parts = new DirectiveReader(line);
            while (parts.MoveNext()) (named ??= new(StringComparer.OrdinalIgnoreCase)).Add(parts.Name.ToString());
        }

        return all.Where(name => !_notKept.Contains(name) && named?.Contains(name) != true);
    }

    internal static HeaderLines Of(HttpResponseMessage response) => Of(response.Headers, response.Content.Headers);

    internal static HeaderLines Of(HttpRequestMessage request) => Of(request.Headers, null);

    /// <summary>The first line of this name; null if there is none.</summary>
    internal string? First(string name)
    {
        foreach (var line in lines)
            if (line.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) return line.Value;
        return null;
    }

    /// <summary>All lines of this name.</summary>
    internal IEnumerable<string> All(string name)
    {
        foreach (var line in lines)
            if (line.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) yield return line.Value;
    }

    /// <summary>These, with those of a newer response in place of their namesakes (RFC 9111 §3.2).</summary>
    internal HeaderLines UpdatedBy(HeaderLines newer)
    {
        var taken = newer.Where(static name => !_ofTheBody.Contains(name));
        HashSet<string> replaced = new(StringComparer.OrdinalIgnoreCase);
        foreach (var line in taken.Lines) replaced.Add(line.Key);
        return new([.. Where(name => !replaced.Contains(name)).Lines, .. taken.Lines]);
    }

    internal HeaderLines Where(Func<string, bool> isWanted) => new(Array.FindAll(lines, line => isWanted(line.Key)));

    internal HeaderLines With(string name, string value) => new([.. Where(other => !other.Equals(name, StringComparison.OrdinalIgnoreCase)).Lines, new(name, value)]);

    internal void AddTo(HttpResponseMessage response)
    {
        foreach (var (name, value) in lines)
            if (!response.Headers.TryAddWithoutValidation(name, value)) response.Content.Headers.TryAddWithoutValidation(name, value);
    }

    private static HeaderLines Of(HttpHeaders first, HttpHeaders? second)
    {
        List<KeyValuePair<string, string>> all = [];
        Add(first, all);
        if (second is not null) Add(second, all);
        return new([.. all]);
    }

    private static void Add(HttpHeaders headers, List<KeyValuePair<string, string>> to)
    {
        foreach (var (name, values) in headers.NonValidated)
            foreach (string value in values) to.Add(new(name, value));
    }
}
