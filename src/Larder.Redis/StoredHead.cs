using System.Buffers.Binary;

namespace Larder.Redis;

/// <summary>With what every value on the server begins: the number of its generation (8 bytes), and a number that no other value has (8 bytes).</summary>
internal static class StoredHead
{
    internal const int Length = 16, StateLength = 8;

    /// <summary>The generation of a removal, which no entry is of: a removal is remembered for some time, so that what was loaded before it is not written after it.</summary>
    internal const long Removed = -1;

    internal static long StateOf(ReadOnlySpan<byte> stored) => BinaryPrimitives.ReadInt64LittleEndian(stored[(Length - StateLength)..]);

    internal static void Write(Span<byte> head, long generation, long state)
    {
        BinaryPrimitives.WriteInt64LittleEndian(head, generation);
        BinaryPrimitives.WriteInt64LittleEndian(head[(Length - StateLength)..], state);
    }
}
