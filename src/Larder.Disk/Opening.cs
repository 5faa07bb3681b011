using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Larder.Disk;

/// <summary>What a tier stands on once it is open.</summary>
/// <param name="Log">The log.</param>
/// <param name="Device">Its files.</param>
/// <param name="From">The checkpoint it began with; null when it begins empty.</param>
internal sealed record Opened(DiskLog Log, SegmentDevice Device, CheckpointFile? From = null);

/// <summary>Starts a tier from what its folder holds: all of it, or nothing.</summary>
internal sealed class Opening(string directory, DiskTierOptions options, DiskCounters counters)
{
    private const string AsidePrefix = "unreadable-";

    private readonly ILogger _logger = options.Logger;

    internal async ValueTask<Opened> OpenAsync()
    {
        long start = options.TimeProvider.GetTimestamp();
        bool hasCheckpoint = File.Exists(Path.Combine(directory, CheckpointFile.Name));
        if (!hasCheckpoint)
        {
            // The first thing a tier does is a checkpoint. Segments without one are not what a tier left.
            if (SegmentPaths().Any()) MoveAside("there is no checkpoint", null);
            Log.BeginsEmpty(_logger, directory);
            return Fresh();
        }

        try
        {
            var checkpoint = CheckpointFile.Read(directory);
            if (checkpoint.IsEmpty)
            {
                foreach (string path in SegmentPaths()) File.Delete(path); // What came after it never counted.
                Log.BeginsEmpty(_logger, directory);
                return Fresh();
            }

            var opened = await RecoverAsync(checkpoint).ConfigureAwait(false);
            Log.Recovered(_logger, directory, opened.Log.Entries, opened.Log.Length, options.TimeProvider.GetElapsedTime(start).TotalMilliseconds);
            return opened;
        }
        catch (Exception error) when (error is not UnauthorizedAccessException)
        {
            MoveAside(error.Message, error);
            return Fresh();
        }
    }

    private async ValueTask<Opened> RecoverAsync(CheckpointFile checkpoint)
    {
        var sizes = new DiskSizes(options, checkpoint);
        if (!sizes.AreUsable) throw new InvalidDataException($"its pages of 2^{sizes.PageBits} and segments of 2^{sizes.SegmentBits} bytes do not go with the memory and disk that the options now allow");
        RemoveSegmentsOutside(checkpoint);
        var device = NewDevice(sizes);
        DiskLog? log = null;
        try
        {
            long first = checkpoint.Begin / DiskSizes.Sector;
            for (int i = 0; i < checkpoint.Sums.Length; i++) device.Sums[first + i] = checkpoint.Sums[i];
            if (checkpoint.Tail.Length > 0) device.Restore(checkpoint.End / DiskSizes.Sector, checkpoint.Tail);
            log = new(device, new(checkpoint.Token, checkpoint.Metadata), sizes, counters);
            device.Recovering = (checkpoint.Begin, 1 << sizes.PageBits);
            await log.RecoverAsync(checkpoint.Token).ConfigureAwait(false);
            if (device.Unreadable > 0) throw new InvalidDataException($"{device.Unreadable} of its sectors are not as they were written");
            device.Recovering = null;
            RemoveChanged(log);
            return new(log, device, checkpoint);
        }
        catch
        {
            device.Dispose(); // Before the memory that it may still read to.
            log?.Dispose();
            throw;
        }
    }

    // What the checkpoint has of them may be older than what the process had that was killed.
    private void RemoveChanged(DiskLog log)
    {
        HashSet<TierKey> changed = [.. ChangedKeys.Read(directory)];
        if (changed.Count == 0) return;
        using var session = log.NewSession();
        foreach (var key in changed) session.Remove(key);
        Log.ChangedSince(_logger, directory, changed.Count);
    }

    private Opened Fresh()
    {
        var sizes = new DiskSizes(options);
        var device = NewDevice(sizes);
        return new(new(device, new(), sizes, counters), device);
    }

    private SegmentDevice NewDevice(DiskSizes sizes) => new(directory, sizes.SegmentBits, options.TimeProvider, _logger);

    // Segments that a crash kept from being removed, or that were begun after the checkpoint.
    private void RemoveSegmentsOutside(CheckpointFile checkpoint)
    {
        foreach (string path in SegmentPaths())
        {
            long segment = SegmentDevice.SegmentOf(path)!.Value;
            if (segment < checkpoint.Begin >> checkpoint.SegmentBits || segment > checkpoint.End >> checkpoint.SegmentBits) File.Delete(path);
        }
    }

    private void MoveAside(string reason, Exception? error)
    {
        string stamp = options.TimeProvider.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string aside = Path.Combine(directory, AsidePrefix + stamp);
        for (int i = 2; Directory.Exists(aside); i++) aside = Path.Combine(directory, $"{AsidePrefix}{stamp}-{i}");
        Directory.CreateDirectory(aside);
        // The checkpoint last: a crash in between leaves what the next start moves as well.
        foreach (string path in SegmentPaths().Append(Path.Combine(directory, CheckpointFile.Name)).Where(File.Exists))
            File.Move(path, Path.Combine(aside, Path.GetFileName(path)));
        Log.MovedAside(_logger, directory, reason, aside, error);
    }

    private IEnumerable<string> SegmentPaths() => Directory.GetFiles(directory, SegmentDevice.Prefix + "*").Where(path => SegmentDevice.SegmentOf(path) is not null);
}
