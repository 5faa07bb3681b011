using System.Buffers.Binary;
using System.Globalization;
using Larder.Tiers;
using Microsoft.Extensions.Logging;

namespace Larder.Disk;

/// <summary>A journal's files, each named after the position of its first record, and the mark up to which all is done.</summary>
internal sealed class JournalFiles(string directory, ILogger logger)
{
    private const string Prefix = "journal.", Mark = "done";

    /// <summary>The first positions of the files, in order.</summary>
    internal List<long> Firsts() =>
        [.. Directory.EnumerateFiles(directory, Prefix + "*").Select(static path => long.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), CultureInfo.InvariantCulture, out long first) ? first : -1).Where(static first => first >= 0).Order()];

    internal string PathOf(long first) => Path.Combine(directory, Prefix + first.ToString("D19", CultureInfo.InvariantCulture));

    /// <summary>The records of a file that are whole.</summary>
    internal List<JournalRecord> Read(long first)
    {
        var records = JournalFrame.ReadAll(File.ReadAllBytes(PathOf(first)), first, out int unread);
        if (unread > 0) Log.JournalTorn(logger, PathOf(first), records.Count, unread);
        return records;
    }

    /// <summary>Up to which position all is done; 0 when the mark cannot be read, since doing again is better than leaving out.</summary>
    internal long ReadMark()
    {
        string path = Path.Combine(directory, Mark);
        if (!File.Exists(path)) return 0;
        byte[] bytes = File.ReadAllBytes(path);
        return bytes.Length == 12 && Crc32C.Of(bytes.AsSpan(0, 8)) == BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)) ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
    }

    internal void WriteMark(long position)
    {
        byte[] bytes = new byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, position);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Crc32C.Of(bytes.AsSpan(0, 8)));
        string path = Path.Combine(directory, Mark);
        File.WriteAllBytes(path + ".new", bytes);
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Removes the files all of whose records lie before the position: those that another follows which begins there or before.</summary>
    internal void RemoveBefore(long position)
    {
        var firsts = Firsts();
        for (int i = 0; i + 1 < firsts.Count && firsts[i + 1] <= position; i++) File.Delete(PathOf(firsts[i]));
    }
}
