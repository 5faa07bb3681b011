using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Redis;

/// <summary>What the link to a server says, under the ids 4100 to 4199. Passwords, keys and values are not in it.</summary>
internal static partial class Log
{
    internal static void LinkLost(ILogger? logger, string server, Exception error) => logger?.Later(logger => logger.LinkWasLost(server, error));

    internal static void ConnectFailed(ILogger? logger, string server, Exception error) => logger?.Later(logger => logger.ConnectHasFailed(server, error));

    internal static void SessionRefused(ILogger? logger, string server, Exception error) => logger?.Later(logger => logger.SessionWasRefused(server, error));

    [LoggerMessage(4101, LogLevel.Warning, "The link to Redis at {Server} is lost; it is made anew. Said once a minute at most.")]
    private static partial void LinkWasLost(this ILogger logger, string server, Exception error);

    [LoggerMessage(4102, LogLevel.Warning, "Redis at {Server} cannot be reached; it is tried again until it can.")]
    private static partial void ConnectHasFailed(this ILogger logger, string server, Exception error);

    [LoggerMessage(4103, LogLevel.Warning, "Redis at {Server} refuses to tell of changes, or to pass messages on; what depends on that does without.")]
    private static partial void SessionWasRefused(this ILogger logger, string server, Exception error);
}
