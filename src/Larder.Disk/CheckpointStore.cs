using System.Globalization;
using System.Text;
using FASTER.core;

namespace Larder.Disk;

/// <summary>What FASTER wants kept of its last checkpoint. It is kept here, in memory, and put into the one file by Checkpoints.</summary>
internal sealed class CheckpointStore(Guid token = default, byte[]? metadata = null) : ICheckpointManager
{
    internal Guid Token { get; private set; } = token;

    internal byte[]? Metadata { get; private set; } = metadata;

    public void CommitLogCheckpoint(Guid logToken, byte[] commitMetadata) => (Token, Metadata) = (logToken, commitMetadata);

    public byte[] GetLogCheckpointMetadata(Guid logToken, DeltaLog deltaLog, bool scanDelta, long recoverTo) =>
        logToken == Token && Metadata is not null ? Metadata : throw new InvalidOperationException("There is no such checkpoint.");

    public IEnumerable<Guid> GetLogCheckpointTokens() => Metadata is null ? [] : [Token];

    public IDevice GetDeltaLogDevice(Guid token) => new EmptyDevice();

    /// <summary>The addresses between which the checkpoint's log lies.</summary>
    /// <remarks>FASTER keeps them as lines of text and tells the end to nobody. The exact version of its package is pinned.</remarks>
    internal (long Begin, long End) Extent(Guid token)
    {
        const int tokenLine = 2, endLine = 9, beginLine = 12;
        string[] lines = Encoding.UTF8.GetString(Metadata ?? []).Split('\n');
        return lines.Length > beginLine && lines[tokenLine].Trim() == token.ToString()
            && long.TryParse(lines[beginLine], CultureInfo.InvariantCulture, out long begin)
            && long.TryParse(lines[endLine], CultureInfo.InvariantCulture, out long end)
            && 0 <= begin && begin <= end
            ? (begin, end)
            : throw new IOException("FASTER's description of the checkpoint is not of the form that its version 2.6.5 writes.");
    }

    public void InitializeLogCheckpoint(Guid logToken) { }

    public void CheckpointVersionShift(long oldVersion, long newVersion) { }

    public void OnRecovery(Guid indexToken, Guid logToken) { }

    public void Purge(Guid token) { }

    public void PurgeAll() { }

    public void Dispose() { }

    // The index is made anew from the log (docs/decisions/022), and the log is never copied.
    public IEnumerable<Guid> GetIndexCheckpointTokens() => [];

    public byte[] GetIndexCheckpointMetadata(Guid indexToken) => throw NotUsed();

    public IDevice GetIndexDevice(Guid indexToken) => throw NotUsed();

    public void InitializeIndexCheckpoint(Guid indexToken) => throw NotUsed();

    public void CommitIndexCheckpoint(Guid indexToken, byte[] commitMetadata) => throw NotUsed();

    public void CommitLogIncrementalCheckpoint(Guid logToken, long version, byte[] commitMetadata, DeltaLog deltaLog) => throw NotUsed();

    public IDevice GetSnapshotLogDevice(Guid token) => throw NotUsed();

    public IDevice GetSnapshotObjectLogDevice(Guid token) => throw NotUsed();

    private static NotSupportedException NotUsed() => new("Checkpoints are of the log alone, which is folded over.");
}
