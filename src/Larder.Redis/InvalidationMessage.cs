using System.Buffers.Binary;

namespace Larder.Redis;

/// <summary>Invalidations as messages: who says it (8 bytes), what of (1), and each key with its length before it (4).</summary>
internal static class InvalidationMessage
{
    internal static byte[] Write(in Invalidation invalidation, ReadOnlySpan<byte> origin)
    {
        using var message = new MemoryStream();
        message.Write(origin);
        message.WriteByte((byte)invalidation.Kind);
        Span<byte> length = stackalloc byte[4];
        foreach (var key in invalidation.Keys)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, key.Bytes.Length);
            message.Write(length);
            message.Write(key.Bytes.Span);
        }

        return message.ToArray();
    }

    /// <summary>Returns false for a message of one's own. One that cannot be understood is taken to mean everything.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> message, ReadOnlySpan<byte> own, out Invalidation invalidation)
    {
        invalidation = Invalidation.Everything;
        if (message.StartsWith(own)) return false;
        if (message.Length <= own.Length || (InvalidationKind)message[own.Length] is not ((InvalidationKind.Keys or InvalidationKind.Tag) and var kind)) return true;
        List<TierKey> keys = [];
        for (var rest = message[(own.Length + 1)..]; !rest.IsEmpty;)
        {
            int length = rest.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length < 0 || length > rest.Length - 4) return true;
            keys.Add(new(rest.Slice(4, length).ToArray()));
            rest = rest[(4 + length)..];
        }

        if (kind == InvalidationKind.Keys) invalidation = Invalidation.Of(keys);
        else if (keys is [{ Bytes.Length: > 0 } tag]) invalidation = Invalidation.OfTag(tag.ToString());
        return true;
    }
}
