using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Larder.Tiers;

namespace Larder.Disk;

/// <summary>What the tier starts from: one file, which is there in whole or not at all. The layout is in docs/internals/disk-recovery.md.</summary>
/// <param name="PageBits">How large a page was.</param>
/// <param name="SegmentBits">How large a segment was.</param>
/// <param name="Begin">The first address that is still there.</param>
/// <param name="End">The first that is not yet; the same as the first of all when there is nothing.</param>
/// <param name="Token">FASTER's name for the checkpoint.</param>
/// <param name="Metadata">What FASTER wants to be given again.</param>
/// <param name="Sums">The checksums of the sectors from the first to the last, which may be a part.</param>
/// <param name="Tail">The last sector, when it is a part: it will have been written over in the file.</param>
internal sealed record CheckpointFile(int PageBits, int SegmentBits, long Begin, long End, Guid Token, byte[] Metadata, uint[] Sums, byte[] Tail)
{
    internal const string Name = "checkpoint";
    private const string Unfinished = "checkpoint.new";

    private const uint Magic = 0x4B44_4CA7; // A7 'L' 'D' 'K'
    private const int Format = 1, HeaderLength = 64;

    internal bool IsEmpty => End == Begin;

    /// <summary>Puts it in the place of the one before. Whatever happens meanwhile, either is there afterwards.</summary>
    internal void Write(string directory)
    {
        string unfinished = Path.Combine(directory, Unfinished);
        byte[] bytes = ToBytes();
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, Path.Combine(directory, Name), overwrite: true);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is not as it was written.</exception>
    internal static CheckpointFile Read(string directory)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(directory, Name));
        if (bytes.Length < HeaderLength) throw new InvalidDataException($"The checkpoint has {bytes.Length} bytes, fewer than its header.");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic) throw new InvalidDataException("The checkpoint does not begin as one does.");
        if (bytes[4] != Format) throw new InvalidDataException($"The checkpoint is of format {bytes[4]}; this version knows {Format}.");
        if (Crc32C.Of(bytes.AsSpan(12)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8))) throw new InvalidDataException("The checkpoint's checksum is another.");
        long begin = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)), end = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24));
        int metadata = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(48)), sums = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(52)), tail = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(56));
        if (HeaderLength + (long)metadata + (4L * sums) + tail != bytes.Length) throw new InvalidDataException("The checkpoint's lengths do not add up.");
        var rest = bytes.AsSpan(HeaderLength);
        return new(bytes[5], bytes[6], begin, end, new(bytes.AsSpan(32, 16)), rest[..metadata].ToArray(), MemoryMarshal.Cast<byte, uint>(rest.Slice(metadata, 4 * sums)).ToArray(), rest[(metadata + (4 * sums))..].ToArray());
    }

    private byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderLength + Metadata.Length + (4L * Sums.Length) + Tail.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        (bytes[4], bytes[5], bytes[6]) = (Format, (byte)PageBits, (byte)SegmentBits);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Begin);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), End);
        Token.TryWriteBytes(bytes.AsSpan(32));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(48), Metadata.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(52), Sums.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(56), Tail.Length);
        var rest = bytes.AsSpan(HeaderLength);
        Metadata.CopyTo(rest);
        MemoryMarshal.AsBytes<uint>(Sums).CopyTo(rest[Metadata.Length..]);
        Tail.CopyTo(rest[(Metadata.Length + (4 * Sums.Length))..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Crc32C.Of(bytes.AsSpan(12)));
        return bytes;
    }
}
