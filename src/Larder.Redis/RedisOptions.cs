using System.Net;
using System.Net.Security;
using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder;

/// <summary>Where a Redis or Valkey server, a cluster or sentinels are, and how they are spoken to.</summary>
/// <example><code>
/// var options = RedisOptions.Parse("localhost:6379,password=secret,ssl=true");
/// var other = RedisOptions.Parse("rediss://user:secret@cache.example:6380/2") with { ClientName = "shop" };
/// </code></example>
public sealed record RedisOptions
{
    /// <summary>The server's name or address. Default: <c>localhost</c>.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Its port: 1 to 65,535. Default: 6379.</summary>
    public int Port { get; init; } = 6379;

    /// <summary>
    /// Further servers that may be asked first: of the same cluster, of the same master and its replicas, or further sentinels. One that answers is enough. Default: none.
    /// </summary>
    public IReadOnlyList<DnsEndPoint> MoreServers { get; init; } = [];

    /// <summary>If given, the servers are sentinels, and say where the master is. Default: they are not.</summary>
    public SentinelOptions? Sentinel { get; init; }

    /// <summary>The ACL user. Default: the server's own default user.</summary>
    public string? User { get; init; }

    /// <summary>The password. Default: none is given.</summary>
    public string? Password { get; init; }

    /// <summary>The number of the database: zero or more; zero in a cluster. Default: 0.</summary>
    public int Database { get; init; }

    /// <summary>What the connection is called in <c>CLIENT LIST</c>: no blanks. Default: <c>larder</c>.</summary>
    public string ClientName { get; init; } = "larder";

    /// <summary>How the links are encrypted. Where it has no <c>TargetHost</c>, each server's certificate must be for its own name. Default: they are not.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>How long connecting may take: above zero, at most 49 days. Default: 5 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer may take before its caller goes on without: above zero, at most 49 days. Default: 2 seconds.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After how long without a sign of life the link counts as broken: from 100 milliseconds to 49 days. Default: 5 seconds.</summary>
    public TimeSpan LinkTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The waits between two attempts to connect again.</summary>
    public BackoffOptions Reconnect { get; init; } = new() { First = TimeSpan.FromMilliseconds(100), Most = TimeSpan.FromSeconds(5) };

    /// <summary>How the server knows what to tell this client of, where a <see cref="TrackingChannel"/> listens. Default: by prefix.</summary>
    public RedisTracking Tracking { get; init; }

    /// <summary>Where it says that the link was lost and is back. Default: nowhere.</summary>
    public ILogger? Logger { get; init => field = GuardedLogger.Of(value); }

    /// <summary>
    /// Reads either <c>host:port,host:port,password=…,user=…,ssl=true,defaultDatabase=…,name=…,connectTimeout=…,asyncTimeout=…</c> (milliseconds), as StackExchange.Redis has
    /// it, or <c>redis://user:password@host:port,host:port/database</c>, with <c>rediss</c> for encrypted links. Sentinels are named by <c>serviceName=…</c> in the one, and in
    /// the other by <c>redis-sentinel://user:password@host:port,host:port/database#master</c>.
    /// </summary>
    /// <exception cref="FormatException">A part of it is not understood; the message names it, but never the password.</exception>
    public static RedisOptions Parse(string connectionString) => Redis.ConnectionString.Parse(connectionString);

    /// <summary>Where, and as whom: without the passwords, for this ends in logs.</summary>
    public override string ToString() =>
        $"{string.Join(',', Servers.Select(static server => $"{server.Host}:{server.Port}"))}/{Database}, user {User ?? "default"}{(Tls is null ? "" : ", TLS")}{(Sentinel is null ? "" : $", {Sentinel}")}";

    internal IReadOnlyList<DnsEndPoint> Servers => [new(Host, Port), .. MoreServers];

    /// <summary>Whether another server may do when one does not.</summary>
    internal bool HasChoice => MoreServers.Count > 0 || Sentinel is not null;

    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Host)) yield return $"{nameof(Host)} is '{Host}'; it must name a server.";
        if (Port is < 1 or > 65_535) yield return $"{nameof(Port)} is {Port}; it must be from 1 to 65,535.";
        if (MoreServers is null || MoreServers.Any(static server => server is null or { Port: < 1 })) yield return $"{nameof(MoreServers)} holds null or a server without a port; each must have a name and a port.";
        if (string.IsNullOrWhiteSpace(Sentinel?.Master ?? "-")) yield return $"{nameof(Sentinel)}.{nameof(SentinelOptions.Master)} is '{Sentinel!.Master}'; it must be a master's name.";
        if (Sentinel is { User: not null, Password: null }) yield return $"{nameof(Sentinel)}.{nameof(SentinelOptions.User)} is '{Sentinel.User}', and there is no {nameof(SentinelOptions.Password)}.";
        if (User is not null && Password is null) yield return $"{nameof(User)} is '{User}', and there is no {nameof(Password)}.";
        if (Database < 0) yield return $"{nameof(Database)} is {Database}; it must be zero or more.";
        if (ClientName is null || ClientName.Any(static c => c is <= ' ' or > '~')) yield return $"{nameof(ClientName)} is '{ClientName}'; it must be of visible ASCII characters without blanks.";
        if (!LongestWait.IsAllowed(ConnectTimeout)) yield return $"{nameof(ConnectTimeout)} is {ConnectTimeout}; it must be {LongestWait.Allowed}.";
        if (!LongestWait.IsAllowed(CommandTimeout)) yield return $"{nameof(CommandTimeout)} is {CommandTimeout}; it must be {LongestWait.Allowed}.";
        if (LinkTimeout < TimeSpan.FromMilliseconds(100) || !LongestWait.IsAllowed(LinkTimeout)) yield return $"{nameof(LinkTimeout)} is {LinkTimeout}; it must be at least 100 milliseconds, and {LongestWait.Allowed}.";
        if (!Enum.IsDefined(Tracking)) yield return $"{nameof(Tracking)} is {Tracking}; it must be {nameof(RedisTracking.ByPrefix)} or {nameof(RedisTracking.ByKey)}.";
        if (Reconnect is null) yield return $"{nameof(Reconnect)} is null; leave it out for the default.";
        foreach (var fault in Reconnect?.Faults(nameof(Reconnect)) ?? []) yield return fault;
    }
}
