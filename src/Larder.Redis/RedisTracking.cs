namespace Larder;

/// <summary>How a server knows which changes to tell a client of.</summary>
public enum RedisTracking
{
    /// <summary>It tells of every change of the cache's keys, and keeps nothing for it. Right unless far more is changed than a process has in memory.</summary>
    ByPrefix,

    /// <summary>
    /// It remembers which keys the client has read, and tells of those alone. For big key spaces of which each process has few keys in memory. A value is
    /// in memory only if it was read through the server: a write is there after the next read, and what a batch brings beside what was asked for is not kept.
    /// </summary>
    ByKey,
}
