namespace Larder;

/// <summary>Which master sentinels are asked for, and how they are logged in to.</summary>
/// <example><code>
/// var options = new RedisOptions { Host = "s1", Port = 26379, MoreServers = [new("s2", 26379)], Sentinel = new("mymaster") };
/// </code></example>
public sealed record SentinelOptions
{
    /// <summary>Asks for a master.</summary>
    public SentinelOptions(string master) => Master = master;

    /// <summary>What the sentinels call the master.</summary>
    public string Master { get; init; }

    /// <summary>The ACL user of the sentinels. Default: their own default user.</summary>
    public string? User { get; init; }

    /// <summary>The password of the sentinels, which is not that of the servers they watch. Default: none is given.</summary>
    public string? Password { get; init; }

    /// <summary>What is asked for, and as whom: without the password, for this ends in logs.</summary>
    public override string ToString() => $"sentinels of {Master}, user {User ?? "default"}";
}
