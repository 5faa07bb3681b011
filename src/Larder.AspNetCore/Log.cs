using Microsoft.Extensions.Logging;

namespace Larder.AspNetCore;

/// <summary>What the endpoints say, and under which ids (6000 to 6099). Keys and values are not in it.</summary>
internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Information, "From the dashboard: {Action} on cache {Cache}.")]
    internal static partial void Acted(ILogger logger, string action, string cache);

    [LoggerMessage(6002, LogLevel.Warning, "From the dashboard: {Action} on cache {Cache} failed.")]
    internal static partial void ActionFailed(ILogger logger, string action, string cache, Exception error);

    [LoggerMessage(6010, LogLevel.Warning, "A response is not kept: it has {Count} tags, and may have {Most}. So far there were {Responses} of them.")]
    internal static partial void TooManyTags(ILogger logger, int count, int most, long responses);
}
