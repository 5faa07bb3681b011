using System.Buffers.Binary;
using Larder.Tiers;

namespace Larder.Writing;

/// <summary>
/// Writes as the records of a journal: what it is (1 byte), the schema version (4), the key's length (4), the key, the payload, and tags if there are any,
/// in a trailer as entries have it.
/// </summary>
internal sealed class WriteCodec<TKey, TValue>(PayloadOptions<TKey, TValue> payloads)
{
    private const byte Value = 17, Null = 18, Removal = 19, Transformed = 20, Tagged = 64; // The last beside one of the others.
    private const int HeaderLength = 9;

    /// <exception cref="Exception">What the key format, the serializer or the transform throws.</exception>
    internal void Encode(in Write<TKey, TValue> write, PooledBuffer target)
    {
        target.GetSpan(HeaderLength);
        target.Advance(HeaderLength);
        payloads.Keys.Write(write.Key, target);
        int keyLength = target.Length - HeaderLength;
        byte kind = write.IsRemoval ? Removal : write.Value is null ? Null : payloads.Transform is null ? Value : Transformed;
        if (kind is Value or Transformed) payloads.WriteStored(write.Value!, kind is Transformed ? target.Written.Slice(HeaderLength, keyLength).ToArray() : [], target);
        if (write.Tags.Count > 0)
        {
            TagTrailer.Write(target, write.Tags);
            kind |= Tagged;
        }

        target.Written.Span[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(target.Written.Span[1..], payloads.SchemaVersion);
        BinaryPrimitives.WriteInt32LittleEndian(target.Written.Span[5..], keyLength);
    }

    /// <summary>Reads a record of this schema version, or of one from which it can be migrated. Returns false if it is none.</summary>
    internal bool TryDecode(ReadOnlyMemory<byte> record, out Write<TKey, TValue> write)
    {
        write = default;
        var bytes = record.Span;
        if (bytes.Length < HeaderLength) return false;
        bool isTagged = (bytes[0] & Tagged) != 0;
        byte kind = (byte)(bytes[0] & ~Tagged);
        if (kind is < Value or > Transformed) return false;
        int versionsAgo = payloads.SchemaVersion - BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
        int keyLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[5..]);
        if (keyLength < 0 || keyLength > bytes.Length - HeaderLength || !payloads.Keys.TryRead(bytes.Slice(HeaderLength, keyLength), out var key)) return false;
        var payload = record[(HeaderLength + keyLength)..];
        TagSet tags = default;
        if (isTagged)
        {
            if (!TagTrailer.TryRead(payload.Span, out tags, out _, out int length)) return false;
            payload = payload[..^length];
        }

        if (kind is Null or Removal)
        {
            write = new(key, default, kind == Removal) { Tags = tags };
            return true;
        }

        if (versionsAgo < 0 || versionsAgo > payloads.Migrations.Count || (kind == Transformed) != payloads.Transform is not null) return false;
        try
        {
            write = new(key, payloads.ReadStored(payload, bytes.Slice(HeaderLength, keyLength), versionsAgo)) { Tags = tags };
            return true;
        }
        catch (Exception)
        {
            // The serializer's, the transform's or a migration's: a payload that it does not take.
            return false;
        }
    }
}
