using System.Globalization;
using System.Net;

namespace Larder.Redis.Topology;

/// <summary>What a node of a cluster says instead of an answer.</summary>
internal enum RedirectionKind
{
    /// <summary>The slot is another node's.</summary>
    Moved,

    /// <summary>The slot is on its way to another node, and this key is there already.</summary>
    Ask,

    /// <summary>Not this moment.</summary>
    Later,
}

/// <summary>Where a node of a cluster sends a caller who asked it for what it does not have.</summary>
internal sealed record Redirection(RedirectionKind Kind, DnsEndPoint? To)
{
    /// <summary>Reads an error. Null if it is another.</summary>
    /// <param name="error">As the server words it.</param>
    /// <param name="asked">Who said it: a node that does not name a host means its own.</param>
    internal static Redirection? Of(string error, DnsEndPoint asked)
    {
        string[] words = error.Split(' ', 4);
        return words switch
        {
            ["TRYAGAIN" or "CLUSTERDOWN" or "LOADING" or "MASTERDOWN", ..] => new(RedirectionKind.Later, null),
            ["MOVED", _, var to, ..] when EndPointOf(to, asked) is { } moved => new(RedirectionKind.Moved, moved),
            ["ASK", _, var to, ..] when EndPointOf(to, asked) is { } ask => new(RedirectionKind.Ask, ask),
            _ => null,
        };
    }

    private static DnsEndPoint? EndPointOf(string text, DnsEndPoint asked)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65_535) return null;
        string host = text[..colon].Trim('[', ']');
        return host == "?" ? null : new(host.Length == 0 ? asked.Host : host, port);
    }
}
