using Microsoft.Extensions.Logging;

namespace Larder.Observability;

/// <summary>What Larder says, and under which ids: the memory engine 1000 to 1099, warming 3000 to 3099. Keys and values are not in it.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Error, "The handler of removals threw, for the {Count}th time; the cache goes on.")]
    internal static partial void RemovalHandlerFailed(this ILogger logger, long count, Exception error);

    [LoggerMessage(1002, LogLevel.Warning, "The handler of removals is too slow: {Limit} wait, and further ones are dropped and counted.")]
    internal static partial void RemovalsDropped(this ILogger logger, int limit);

    [LoggerMessage(1003, LogLevel.Error, "Reclaiming expired entries failed; it is tried again in a second.")]
    internal static partial void TrimFailed(this ILogger logger, Exception error);

    [LoggerMessage(1004, LogLevel.Error, "The eviction policy '{Policy}' failed, for the {Count}th time; the cache goes on, and chooses who leaves where the policy does not.")]
    internal static partial void PolicyFailed(this ILogger logger, string policy, long count, Exception error);

    [LoggerMessage(3001, LogLevel.Warning, "A warm-up of cache {Cache} failed; the cache goes on without it.")]
    internal static partial void WarmUpFailed(this ILogger logger, string cache, Exception error);

    [LoggerMessage(3002, LogLevel.Warning, "A warm-up of cache {Cache} could not load {Failed} of {Total} keys.")]
    internal static partial void WarmUpIncomplete(this ILogger logger, string cache, int failed, int total);

    /// <summary>For who holds a lock: says it from the thread pool. A logger that throws is not heard.</summary>
    internal static void Later(this ILogger logger, Action<ILogger> say) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static said =>
            {
                try
                {
                    said.say(said.logger);
                }
                catch (Exception)
                {
                    // There is nobody left to tell.
                }
            },
            (logger, say),
            preferLocal: false);
}
