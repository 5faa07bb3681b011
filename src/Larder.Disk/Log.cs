using Microsoft.Extensions.Logging;

namespace Larder.Disk;

/// <summary>What the disk tier says, and under which ids (5000 to 5099). Keys and values are not in it.</summary>
internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "{Directory}: {Entries} entries in {Bytes} bytes came back in {Milliseconds} ms.")]
    internal static partial void Recovered(ILogger logger, string directory, long entries, long bytes, double milliseconds);

    [LoggerMessage(5002, LogLevel.Information, "{Directory}: begins empty.")]
    internal static partial void BeginsEmpty(ILogger logger, string directory);

    [LoggerMessage(5003, LogLevel.Error, "{Directory}: what was there cannot be used ({Reason}); it was moved to {Aside}, and the tier begins empty.")]
    internal static partial void MovedAside(ILogger logger, string directory, string reason, string aside, Exception? error);

    [LoggerMessage(5004, LogLevel.Error, "{Directory}: a write failed. It is tried again each second, and until it succeeds no entries are taken.")]
    internal static partial void WriteFailed(ILogger logger, string directory, Exception error);

    [LoggerMessage(5005, LogLevel.Information, "{Directory}: writes succeed again.")]
    internal static partial void WritesGoOn(ILogger logger, string directory);

    [LoggerMessage(5006, LogLevel.Error, "A read of {Prefix}{Segment} failed; what it was for is a miss. Said once a minute at most.")]
    internal static partial void ReadFailed(ILogger logger, string prefix, int segment, Exception error);

    [LoggerMessage(5007, LogLevel.Error, "{Prefix}{Segment} is not as it was written at {Offset}; what lies there is a miss. Further ones are only counted.")]
    internal static partial void SectorUnreadable(ILogger logger, string prefix, int segment, long offset);

    [LoggerMessage(5008, LogLevel.Error, "{Directory}: a checkpoint failed; the one before holds.")]
    internal static partial void CheckpointFailed(ILogger logger, string directory, Exception error);

    [LoggerMessage(5009, LogLevel.Warning, "{Directory}: closing did not end within {Timeout}; what was not written is lost, and the checkpoint before holds.")]
    internal static partial void ClosedEarly(ILogger logger, string directory, TimeSpan timeout);

    [LoggerMessage(5013, LogLevel.Information, "{Directory}: {Keys} keys were changed after the last checkpoint; what it had of them is removed.")]
    internal static partial void ChangedSince(ILogger logger, string directory, int keys);

    [LoggerMessage(5011, LogLevel.Warning, "{Path}: beside {Records} whole records there are {Bytes} bytes that are none: a record that was being written when the process ended, or damage.")]
    internal static partial void JournalTorn(ILogger logger, string path, int records, int bytes);

    [LoggerMessage(5012, LogLevel.Error, "The journal could not be written; whoever appended is told. Said once a minute at most.")]
    internal static partial void JournalWriteFailed(ILogger logger, Exception error);

    [LoggerMessage(5010, LogLevel.Debug, "{Directory}: checkpoint of {Bytes} bytes in {Milliseconds} ms.")]
    internal static partial void Checkpointed(ILogger logger, string directory, long bytes, double milliseconds);
}
