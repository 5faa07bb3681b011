namespace Larder.Disk;

/// <summary>What seldom happens, counted.</summary>
internal sealed class DiskCounters
{
    private long _corrupt, _refused, _checkpoints, _failedCheckpoints;

    internal long Corrupt => Interlocked.Read(ref _corrupt);

    internal long Refused => Interlocked.Read(ref _refused);

    internal long Checkpoints => Interlocked.Read(ref _checkpoints);

    internal long FailedCheckpoints => Interlocked.Read(ref _failedCheckpoints);

    internal void AddCorrupt() => Interlocked.Increment(ref _corrupt);

    internal void AddRefused() => Interlocked.Increment(ref _refused);

    internal void AddCheckpoint() => Interlocked.Increment(ref _checkpoints);

    internal void AddFailedCheckpoint() => Interlocked.Increment(ref _failedCheckpoints);
}
