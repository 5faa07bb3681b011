using Larder.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder;

/// <summary>Where and how a <see cref="DiskTier"/> keeps its entries. Checked when the tier is opened.</summary>
/// <example><code>
/// await using var tier = await DiskTier.OpenAsync(new() { Directory = "cache/users", DiskSize = 4L &lt;&lt; 30 });
/// </code></example>
public sealed record DiskTierOptions
{
    internal const long SmallestMemory = 2 << 20, SmallestDisk = 16 << 20;

    /// <summary>The folder, which is made if it is not there and belongs to this tier alone. Give one on a local disk.</summary>
    public required string Directory { get; init; }

    /// <summary>How much memory it uses, in bytes, for the newest entries and the index: at least 2 MiB. Default: 64 MiB.</summary>
    /// <remarks>The index grows beyond that when there is more than one entry for about each 100 bytes of this. A sixteenth of the largest power of two in three quarters of it is the largest entry.</remarks>
    public long MemorySize { get; init; } = 64 << 20;

    /// <summary>How large its files may become, in bytes: at least 16 MiB and twice the memory. What was written longest ago is dropped. Default: 1 GiB.</summary>
    public long DiskSize { get; init; } = 1L << 30;

    /// <summary>How often what was written is made to last. Above zero, up to a day. Default: 30 seconds.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how many bytes it is made to last even sooner: at least 64 KiB. Beside the entries, notes of what was changed take as much at most. Default: 64 MiB.</summary>
    public long CheckpointBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Whether a removal, or what was written over, also stays so when the machine ends suddenly, and not the process alone. It costs a flush of the
    /// device for each call that changes something. Default: false.
    /// </summary>
    public bool FlushToDevice { get; init; }

    /// <summary>How long closing waits for running calls and for the last checkpoint. Above zero, up to an hour. Default: 30 seconds.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the tier is called in statistics and logs. Default: <c>disk</c>.</summary>
    public string Name { get; init; } = "disk";

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where it says what came back at the start, and what went wrong. Default: nowhere.</summary>
    public ILogger Logger { get; init => field = GuardedLogger.Of(value); } = NullLogger.Instance;

    /// <summary>Every fault at once; each names the property, the value and what is allowed.</summary>
    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Directory)) yield return $"{nameof(Directory)} is '{Directory}'; it must name a folder.";
        if (string.IsNullOrWhiteSpace(Name)) yield return $"{nameof(Name)} is '{Name}'; it must be a word.";
        if (MemorySize is < SmallestMemory or > 1L << 40) yield return $"{nameof(MemorySize)} is {MemorySize}; it must be between {SmallestMemory} and {1L << 40}.";
        if (DiskSize < SmallestDisk || DiskSize / 2 < MemorySize) yield return $"{nameof(DiskSize)} is {DiskSize}; it must be at least {SmallestDisk} and at least twice the {nameof(MemorySize)}, which is {MemorySize}.";
        if (CheckpointInterval <= TimeSpan.Zero || CheckpointInterval > TimeSpan.FromDays(1)) yield return $"{nameof(CheckpointInterval)} is {CheckpointInterval}; it must be above zero and at most a day.";
        if (CheckpointBytes < 64 << 10) yield return $"{nameof(CheckpointBytes)} is {CheckpointBytes}; it must be at least {64 << 10}.";
        if (CloseTimeout <= TimeSpan.Zero || CloseTimeout > TimeSpan.FromHours(1)) yield return $"{nameof(CloseTimeout)} is {CloseTimeout}; it must be above zero and at most an hour.";
        if (TimeProvider is null) yield return $"{nameof(TimeProvider)} is null; leave it out for the default.";
        if (Logger is null) yield return $"{nameof(Logger)} is null; leave it out for the default.";
    }
}
