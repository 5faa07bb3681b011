using Larder.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder;

/// <summary>Where and how a <see cref="DiskJournal"/> keeps its records. Checked when the journal is opened.</summary>
public sealed record DiskJournalOptions
{
    /// <summary>The folder, which is made if it is not there and belongs to this journal alone. Give one on a local disk.</summary>
    public required string Directory { get; init; }

    /// <summary>How large a file becomes before the next is begun: 64 KiB to 1 GiB. Files whose records are all truncated are removed. Default: 16 MiB.</summary>
    public long FileSize { get; init; } = 16 << 20;

    /// <summary>How long a record may be: at least 1, up to 256 MiB. Default: 16 MiB.</summary>
    public int LargestRecord { get; init; } = 16 << 20;

    /// <summary>Whether an acknowledged record also outlives the machine's sudden end. Without, only the process's. Default: true.</summary>
    public bool FlushToDevice { get; init; } = true;

    /// <summary>Where it says what came back at the start, and what went wrong. Default: nowhere.</summary>
    public ILogger Logger { get; init => field = GuardedLogger.Of(value); } = NullLogger.Instance;

    /// <summary>Every fault at once; each names the property, the value and what is allowed.</summary>
    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Directory)) yield return $"{nameof(Directory)} is '{Directory}'; it must name a folder.";
        if (FileSize is < 64 << 10 or > 1 << 30) yield return $"{nameof(FileSize)} is {FileSize}; it must be between {64 << 10} and {1 << 30}.";
        if (LargestRecord is < 1 or > 256 << 20) yield return $"{nameof(LargestRecord)} is {LargestRecord}; it must be between 1 and {256 << 20}.";
        if (Logger is null) yield return $"{nameof(Logger)} is null; leave it out for the default.";
    }
}
