using System.Globalization;
using System.Net;
using System.Net.Security;

namespace Larder.Redis;

/// <summary>Reads the two forms of connection strings.</summary>
internal static class ConnectionString
{
    private const int ServerPort = 6379;
    private const int SentinelPort = 26_379;

    internal static RedisOptions Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var options = text.Contains("://", StringComparison.Ordinal) ? OfUri(text) : OfList(text);
        return options.Faults().FirstOrDefault() is { } fault ? throw new FormatException($"The connection string is not allowed: {fault}") : options;
    }

    // scheme://user:password@host:port,host:port/database#master. No class of the framework reads several hosts.
    private static RedisOptions OfUri(string text)
    {
        (string scheme, string rest) = Cut(text, "://");
        if (scheme is not ("redis" or "rediss" or "redis-sentinel" or "rediss-sentinel"))
            throw new FormatException($"The connection string's scheme is '{scheme}'; it must be 'redis', 'rediss', 'redis-sentinel' or 'rediss-sentinel'.");
        bool isSentinel = scheme.EndsWith("-sentinel", StringComparison.Ordinal);
        (rest, string master) = Cut(rest, "#");
        if (isSentinel && master.Length == 0) throw new FormatException("The connection string names no master; it must end like '#mymaster'.");
        if (!isSentinel && master.Length > 0) throw new FormatException($"The connection string has '#' and a master's name, but its scheme is '{scheme}'; it must be 'redis-sentinel'.");
        int at = rest.LastIndexOf('@');
        (string servers, string database) = Cut(rest[(at + 1)..], "/");
        string[] login = at < 0 ? [] : rest[..at].Split(':', 2);
        var options = new RedisOptions
        {
            User = login.Length == 2 && login[0].Length > 0 ? Uri.UnescapeDataString(login[0]) : null,
            Password = login.Length == 0 ? null : Uri.UnescapeDataString(login[^1]),
            Database = database.Length == 0 ? 0 : Number("database", database),
            Tls = scheme.StartsWith("rediss", StringComparison.Ordinal) ? new SslClientAuthenticationOptions() : null,
            Sentinel = isSentinel ? new(Uri.UnescapeDataString(master)) : null,
        };
        return With(options, servers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    private static RedisOptions OfList(string text)
    {
        var options = new RedisOptions();
        List<string> servers = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int at = part.IndexOf('=', StringComparison.Ordinal);
            if (at < 0) servers.Add(part);
            else options = With(options, part[..at].Trim(), part[(at + 1)..].Trim());
        }

        if (options.Sentinel is { Master.Length: 0 }) throw new FormatException("The connection string has a login for sentinels but no serviceName, which names the master they watch.");
        return With(options, servers);
    }

    private static RedisOptions With(RedisOptions options, IReadOnlyList<string> servers)
    {
        if (servers.Count == 0) throw new FormatException("The connection string names no server; it must begin like 'localhost:6379'.");
        DnsEndPoint[] all = [.. servers.Select(server => Server(server, options.Sentinel is null ? ServerPort : SentinelPort))];
        return options with { Host = all[0].Host, Port = all[0].Port, MoreServers = all[1..] };
    }

    // "host", "host:port", "[address]:port"
    private static DnsEndPoint Server(string text, int port)
    {
        int colon = text.LastIndexOf(':');
        bool hasPort = colon >= 0 && !text.EndsWith(']');
        if (hasPort) port = Number("port", text[(colon + 1)..]);
        if (port is < 1 or > 65_535) throw new FormatException($"The connection string is not allowed: Port is {port}; it must be from 1 to 65,535.");
        string host = (hasPort ? text[..colon] : text).Trim('[', ']');
        return host.Length > 0 ? new(host, port) : throw new FormatException($"The connection string's server '{text}' has no name.");
    }

    private static RedisOptions With(RedisOptions options, string name, string value) => name.ToUpperInvariant() switch
    {
        "PASSWORD" => options with { Password = value },
        "USER" => options with { User = value },
        "DEFAULTDATABASE" => options with { Database = Number(name, value) },
        "NAME" => options with { ClientName = value },
        "SERVICENAME" => options with { Sentinel = (options.Sentinel ?? new("")) with { Master = value } },
        "SENTINELUSER" => options with { Sentinel = (options.Sentinel ?? new("")) with { User = value } },
        "SENTINELPASSWORD" => options with { Sentinel = (options.Sentinel ?? new("")) with { Password = value } },
        "SSL" => Flag(name, value) ? options with { Tls = options.Tls ?? new() } : options with { Tls = null },
        "SSLHOST" => options with { Tls = new() { TargetHost = value } },
        "CONNECTTIMEOUT" => options with { ConnectTimeout = TimeSpan.FromMilliseconds(Number(name, value)) },
        "ASYNCTIMEOUT" or "SYNCTIMEOUT" => options with { CommandTimeout = TimeSpan.FromMilliseconds(Number(name, value)) },
        "KEEPALIVE" => options with { LinkTimeout = TimeSpan.FromSeconds(Number(name, value)) },
        "ABORTCONNECT" or "ALLOWADMIN" or "RESOLVEDNS" or "CONNECTRETRY" => options, // Of no meaning here: it always goes on trying.
        _ => throw new FormatException($"The connection string has '{name}', which is not understood."),
    };

    private static (string Before, string Behind) Cut(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + mark.Length)..]);
    }

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new FormatException($"The connection string's {name} is '{value}'; it must be a whole number.");

    private static bool Flag(string name, string value) =>
        bool.TryParse(value, out bool flag) ? flag : throw new FormatException($"The connection string's {name} is '{value}'; it must be true or false.");
}
