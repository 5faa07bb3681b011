using System.Globalization;
using System.Text;

namespace Larder.Redis.Protocol;

/// <summary>Which of a cluster's 16,384 slots a key lies in: by the CRC16 of what stands between its first braces, or of all of it.</summary>
internal static class HashSlot
{
    internal const int Count = 16_384;

    private static readonly ushort[] _table = Table();
    private static readonly Lazy<byte[][]> _tags = new(FindTags);

    internal static int Of(ReadOnlySpan<byte> key) => Of([], key);

    /// <summary>The slot of a key in two pieces, the first of which has no braces.</summary>
    internal static int Of(ReadOnlySpan<byte> root, ReadOnlySpan<byte> key)
    {
        var tag = TagOf(key);
        return (tag.IsEmpty ? Crc(Crc(0, root), key) : Crc(0, tag)) % Count;
    }

    /// <summary>What stands between the first braces, if it does not stand there empty.</summary>
    internal static ReadOnlySpan<byte> TagOf(ReadOnlySpan<byte> key)
    {
        int open = key.IndexOf((byte)'{');
        if (open < 0) return [];
        var rest = key[(open + 1)..];
        int length = rest.IndexOf((byte)'}');
        return length < 0 ? [] : rest[..length];
    }

    /// <summary>What puts a key into a slot when it stands at its end: the smallest number, in braces, that does.</summary>
    internal static byte[] Tag(int slot) => _tags.Value[slot];

    private static byte[][] FindTags()
    {
        byte[][] tags = new byte[Count][];
        for (int number = 0, missing = Count; missing > 0; number++)
        {
            byte[] tag = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{{number}}}"));
            int slot = Of(tag);
            if (tags[slot] is not null) continue;
            tags[slot] = tag;
            missing--;
        }

        return tags;
    }

    private static ushort Crc(ushort crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes) crc = (ushort)((crc << 8) ^ _table[((crc >> 8) ^ b) & 0xFF]);
        return crc;
    }

    // CRC16 of the polynomial x^16 + x^12 + x^5 + 1, highest bit first, as the cluster specification has it.
    private static ushort[] Table()
    {
        ushort[] table = new ushort[256];
        for (int i = 0; i < table.Length; i++)
        {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            table[i] = (ushort)crc;
        }

        return table;
    }
}
