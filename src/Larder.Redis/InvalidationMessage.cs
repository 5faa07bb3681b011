using System.Buffers.Binary;

namespace Larder.Redis;

/// <summary>Invalidations as messages: who says it (8 bytes), its how manieth message this is (8), what of (1), and each key with its length before it (4).</summary>
internal static class InvalidationMessage
{
    private const int OriginLength = 8, HeadLength = 17;

    // No invalidation: says only how many messages there were.
    private const byte Heartbeat = 255;

    internal static byte[] Write(in Invalidation invalidation, long origin, long number)
    {
        using var message = Begin(origin, number, (byte)invalidation.Kind);
        Span<byte> length = stackalloc byte[4];
        foreach (var key in invalidation.Keys)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, key.Bytes.Length);
            message.Write(length);
            message.Write(key.Bytes.Span);
        }

        return message.ToArray();
    }

    /// <summary>Says that the sender is there, and that so many messages came before.</summary>
    internal static byte[] WriteHeartbeat(long origin, long number)
    {
        using var message = Begin(origin, number, Heartbeat);
        return message.ToArray();
    }

    /// <summary>Who sent it, and its number. Returns false if it is too short to say.</summary>
    internal static bool TryReadSender(ReadOnlySpan<byte> message, out long origin, out long number)
    {
        bool isWhole = message.Length >= HeadLength;
        origin = isWhole ? BinaryPrimitives.ReadInt64LittleEndian(message) : 0;
        number = isWhole ? BinaryPrimitives.ReadInt64LittleEndian(message[OriginLength..]) : 0;
        return isWhole;
    }

    /// <summary>What it is of; null for nothing. One that cannot be understood is taken to mean everything.</summary>
    internal static Invalidation? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeadLength) return Invalidation.Everything;
        byte kind = message[HeadLength - 1];
        if (kind == Heartbeat) return null;
        if ((InvalidationKind)kind is not (InvalidationKind.Keys or InvalidationKind.Tag or InvalidationKind.Prefix)) return Invalidation.Everything;
        List<TierKey> keys = [];
        for (var rest = message[HeadLength..]; !rest.IsEmpty;)
        {
            int length = rest.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length < 0 || length > rest.Length - 4) return Invalidation.Everything;
            keys.Add(new(rest.Slice(4, length).ToArray()));
            rest = rest[(4 + length)..];
        }

        if ((InvalidationKind)kind == InvalidationKind.Keys) return Invalidation.Of(keys);
        if (keys is not [{ Bytes.Length: > 0 } only]) return Invalidation.Everything;
        return (InvalidationKind)kind == InvalidationKind.Tag ? Invalidation.OfTag(only.ToString()) : Invalidation.OfPrefix(only);
    }

    private static MemoryStream Begin(long origin, long number, byte kind)
    {
        var message = new MemoryStream();
        Span<byte> head = stackalloc byte[HeadLength];
        BinaryPrimitives.WriteInt64LittleEndian(head, origin);
        BinaryPrimitives.WriteInt64LittleEndian(head[OriginLength..], number);
        head[HeadLength - 1] = kind;
        message.Write(head);
        return message;
    }
}
