using Microsoft.Extensions.Logging;

namespace Larder.Observability;

/// <summary>
/// What Larder says, and under which ids: the memory engine 1000 to 1099, Microsoft's faces 1100 to 1199, loading 2000 to 2099, tiers 2100 to 2199, writing 2200 to 2299, warming 3000 to 3099. Keys and values are not
/// in it, and what a loader throws only at Debug. What could be said again and again is bounded, by <see cref="LogLimit"/> or by <see cref="EverFewer"/>.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Error, "The handler of removals threw, for the {Count}th time; the cache goes on.")]
    internal static partial void RemovalHandlerFailed(this ILogger logger, long count, Exception error);

    [LoggerMessage(1002, LogLevel.Warning, "The handler of removals is too slow: {Limit} wait, and further ones are dropped and counted.")]
    internal static partial void RemovalsDropped(this ILogger logger, int limit);

    [LoggerMessage(1003, LogLevel.Error, "Reclaiming expired entries failed; it is tried again in a second. Said once a minute at most.")]
    internal static partial void TrimFailed(this ILogger logger, Exception error);

    [LoggerMessage(1004, LogLevel.Error, "The eviction policy '{Policy}' failed, for the {Count}th time; the cache goes on, and chooses who leaves where the policy does not.")]
    internal static partial void PolicyFailed(this ILogger logger, string policy, long count, Exception error);

    [LoggerMessage(1005, LogLevel.Error, "A leased value threw when it was disposed, for the {Count}th time; the cache goes on.")]
    internal static partial void ValueDisposalFailed(this ILogger logger, long count, Exception error);

    [LoggerMessage(1101, LogLevel.Error, "A callback of an evicted entry threw; the others are told all the same.")]
    internal static partial void EvictionCallbackFailed(this ILogger logger, Exception error);

    [LoggerMessage(1102, LogLevel.Warning, "A key passes the cache by, for {Reason}.")]
    internal static partial void HybridKeyRefused(this ILogger logger, string reason);

    [LoggerMessage(1103, LogLevel.Error, "A value of type {Type} takes {Length} bytes, and {Limit} are allowed: it is kept in memory alone.")]
    internal static partial void HybridValueTooLarge(this ILogger logger, Type type, int length, int limit);

    [LoggerMessage(1104, LogLevel.Error, "A value could not be read as {Type}; it is made anew. Said for the {Count}th.")]
    internal static partial void HybridValueUnreadable(this ILogger logger, Type type, long count, Exception error);

    [LoggerMessage(1105, LogLevel.Error, "An entry could not be looked at, or taken out when its token said so, for the {Count}th time; it is tried again.")]
    internal static partial void ExpiryFailed(this ILogger logger, long count, Exception error);

    [LoggerMessage(2001, LogLevel.Warning, "Loads of cache {Cache} fail, with {Error}: {Count} so far. Old values are served where there are any. Said once a minute at most.")]
    internal static partial void LoadsFail(this ILogger logger, string cache, string error, long count);

    [LoggerMessage(2002, LogLevel.Debug, "A load of cache {Cache} failed.")]
    internal static partial void LoadFailed(this ILogger logger, string cache, Exception error);

    [LoggerMessage(2003, LogLevel.Warning, "The breaker of cache {Cache}'s source went from {From} to {To}. Said once a minute at most.")]
    internal static partial void BreakerOpened(this ILogger logger, string cache, string from, string to);

    [LoggerMessage(2004, LogLevel.Information, "The breaker of cache {Cache}'s source is closed again.")]
    internal static partial void BreakerClosed(this ILogger logger, string cache);

    [LoggerMessage(2005, LogLevel.Warning, "What other processes change is not heard by cache {Cache}. Said once a minute at most.")]
    internal static partial void LinkLost(this ILogger logger, string cache);

    [LoggerMessage(2006, LogLevel.Information, "What other processes change is heard again by cache {Cache}.")]
    internal static partial void LinkRestored(this ILogger logger, string cache);

    [LoggerMessage(2101, LogLevel.Warning, "Tier {Tier} could not be read; the cache goes on without it. Said again when it has worked in between, once a minute at most.")]
    internal static partial void TierReadFailed(this ILogger logger, string tier, Exception error);

    [LoggerMessage(2102, LogLevel.Warning, "Tier {Tier} could not be written; what it lacks is tried again. Said again when it has worked in between, once a minute at most.")]
    internal static partial void TierWriteFailed(this ILogger logger, string tier, Exception error);

    [LoggerMessage(2103, LogLevel.Error, "More than {Limit} changes wait for tier {Tier}: they are forgotten, and it is cleared before it is read again.")]
    internal static partial void TierOverflowed(this ILogger logger, string tier, int limit);

    [LoggerMessage(2104, LogLevel.Warning, "An entry in tier {Tier} could not be used ({Reason}); it counts as a miss. Said for the {Count}th.")]
    internal static partial void TierEntryUnreadable(this ILogger logger, string tier, string reason, long count, Exception? error);

    [LoggerMessage(2105, LogLevel.Error, "A {What} of cache {Cache} could not be made bytes; it passes the tiers by. Said for the {Count}th.")]
    internal static partial void TierPassedBy(this ILogger logger, string what, string cache, long count, Exception error);

    [LoggerMessage(2201, LogLevel.Error, "A write of cache {Cache} was given up after all its attempts: dead letter number {Count}.")]
    internal static partial void WriteGivenUp(this ILogger logger, string cache, long count, Exception error);

    [LoggerMessage(2202, LogLevel.Error, "A dead letter of cache {Cache} could not be delivered; the write is lost. Said once a minute at most.")]
    internal static partial void DeadLetterFailed(this ILogger logger, string cache, Exception error);

    [LoggerMessage(2203, LogLevel.Warning, "Writes of cache {Cache} fail; they are tried again. Said again when some have succeeded in between, once a minute at most.")]
    internal static partial void WriteFailed(this ILogger logger, string cache, Exception error);

    [LoggerMessage(2204, LogLevel.Information, "The journal of cache {Cache} has brought back {Count} writes; {Unreadable} of its records could not be read.")]
    internal static partial void WritesReplayed(this ILogger logger, string cache, long count, long unreadable);

    [LoggerMessage(2205, LogLevel.Warning, "The journal of cache {Cache} could not be truncated; it grows until it can. Said once a minute at most.")]
    internal static partial void JournalNotTruncated(this ILogger logger, string cache, Exception error);

    [LoggerMessage(2206, LogLevel.Error, "Cache {Cache} was closed with {Count} writes that have not reached their source.")]
    internal static partial void WritesLeft(this ILogger logger, string cache, int count);

    [LoggerMessage(3001, LogLevel.Warning, "A warm-up of cache {Cache} failed; the cache goes on without it.")]
    internal static partial void WarmUpFailed(this ILogger logger, string cache, Exception error);

    [LoggerMessage(3002, LogLevel.Warning, "A warm-up of cache {Cache} could not load {Failed} of {Total} keys.")]
    internal static partial void WarmUpIncomplete(this ILogger logger, string cache, int failed, int total);

    /// <summary>For who holds a lock: says it from the thread pool, where a logger that throws would end the process. So it takes one that does not: see <see cref="GuardedLogger"/>.</summary>
    internal static void Later(this ILogger logger, Action<ILogger> say) =>
        ThreadPool.UnsafeQueueUserWorkItem(static said => said.say(said.logger), (logger, say), preferLocal: false);
}
