using System.Globalization;
using System.Net.Security;

namespace Larder.Redis;

/// <summary>Reads the two forms of connection strings.</summary>
internal static class ConnectionString
{
    internal static RedisOptions Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var options = text.Contains("://", StringComparison.Ordinal) ? OfUri(text) : OfList(text);
        return options.Faults().FirstOrDefault() is { } fault ? throw new FormatException($"The connection string is not allowed: {fault}") : options;
    }

    private static RedisOptions OfUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)) throw new FormatException("The connection string is not a valid URI of the form redis://user:password@host:port/database.");
        if (uri.Scheme is not ("redis" or "rediss")) throw new FormatException($"The connection string's scheme is '{uri.Scheme}'; it must be 'redis' or 'rediss'.");
        string[] login = uri.UserInfo.Split(':', 2);
        string path = uri.AbsolutePath.Trim('/');
        return new()
        {
            Host = uri.Host,
            Port = uri.Port < 0 ? 6379 : uri.Port,
            User = login.Length == 2 && login[0].Length > 0 ? Uri.UnescapeDataString(login[0]) : null,
            Password = uri.UserInfo.Length == 0 ? null : Uri.UnescapeDataString(login[^1]),
            Database = path.Length == 0 ? 0 : Number("database", path),
            Tls = uri.Scheme == "rediss" ? new SslClientAuthenticationOptions { TargetHost = uri.Host } : null,
        };
    }

    private static RedisOptions OfList(string text)
    {
        var options = new RedisOptions();
        bool hasHost = false;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int at = part.IndexOf('=', StringComparison.Ordinal);
            if (at >= 0)
            {
                options = With(options, part[..at].Trim(), part[(at + 1)..].Trim());
                continue;
            }

            if (hasHost) throw new FormatException($"The connection string names a second server, '{part}'; only one is supported.");
            hasHost = true;
            int colon = part.LastIndexOf(':');
            options = colon < 0 ? options with { Host = part } : options with { Host = part[..colon].Trim('[', ']'), Port = Number("port", part[(colon + 1)..]) };
        }

        if (!hasHost) throw new FormatException("The connection string names no server; it must begin like 'localhost:6379'.");
        return options.Tls is { TargetHost: null } ? options with { Tls = new() { TargetHost = options.Host } } : options;
    }

    private static RedisOptions With(RedisOptions options, string name, string value) => name.ToUpperInvariant() switch
    {
        "PASSWORD" => options with { Password = value },
        "USER" => options with { User = value },
        "DEFAULTDATABASE" => options with { Database = Number(name, value) },
        "NAME" => options with { ClientName = value },
        "SSL" => Flag(name, value) ? options with { Tls = options.Tls ?? new() } : options with { Tls = null },
        "SSLHOST" => options with { Tls = new() { TargetHost = value } },
        "CONNECTTIMEOUT" => options with { ConnectTimeout = TimeSpan.FromMilliseconds(Number(name, value)) },
        "ASYNCTIMEOUT" or "SYNCTIMEOUT" => options with { CommandTimeout = TimeSpan.FromMilliseconds(Number(name, value)) },
        "KEEPALIVE" => options with { LinkTimeout = TimeSpan.FromSeconds(Number(name, value)) },
        "ABORTCONNECT" or "ALLOWADMIN" or "RESOLVEDNS" or "CONNECTRETRY" => options, // Of no meaning here: it always goes on trying.
        _ => throw new FormatException($"The connection string has '{name}', which is not understood."),
    };

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new FormatException($"The connection string's {name} is '{value}'; it must be a whole number.");

    private static bool Flag(string name, string value) =>
        bool.TryParse(value, out bool flag) ? flag : throw new FormatException($"The connection string's {name} is '{value}'; it must be true or false.");
}
