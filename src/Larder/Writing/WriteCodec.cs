using System.Buffers;
using System.Buffers.Binary;
using Larder.Tiers;

namespace Larder.Writing;

/// <summary>Writes as the records of a journal: what it is (1 byte), the key's length (4), the key, the payload.</summary>
internal sealed class WriteCodec<TKey, TValue>(PayloadOptions<TKey, TValue> payloads)
{
    private const byte Value = 1, Null = 2, Removal = 3;
    private const int HeaderLength = 5;

    /// <exception cref="Exception">What the key format or the serializer throws.</exception>
    internal void Encode(in Write<TKey, TValue> write, PooledBuffer target)
    {
        target.GetSpan(HeaderLength);
        target.Advance(HeaderLength);
        payloads.Keys.Write(write.Key, target);
        int keyLength = target.Length - HeaderLength;
        byte kind = write.IsRemoval ? Removal : write.Value is null ? Null : Value;
        if (kind == Value) payloads.Values.Serialize(write.Value!, target);
        target.Written.Span[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(target.Written.Span[1..], keyLength);
    }

    /// <summary>Reads a record. Returns false if it is none that this could have written.</summary>
    internal bool TryDecode(ReadOnlyMemory<byte> record, out Write<TKey, TValue> write)
    {
        write = default;
        var bytes = record.Span;
        if (bytes.Length < HeaderLength || bytes[0] is < Value or > Removal) return false;
        int keyLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
        if (keyLength < 0 || keyLength > bytes.Length - HeaderLength || !payloads.Keys.TryRead(bytes.Slice(HeaderLength, keyLength), out var key)) return false;
        try
        {
            var value = bytes[0] == Value ? payloads.Values.Deserialize(new ReadOnlySequence<byte>(record[(HeaderLength + keyLength)..])) : default;
            write = new(key, value, bytes[0] == Removal);
            return true;
        }
        catch (Exception)
        {
            // The serializer's: a payload that it does not take.
            return false;
        }
    }
}
