using System.Buffers;
using System.Buffers.Binary;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder.Redis;

/// <summary>Reads keys together, with the generation that they must be of. What is found goes straight to the receiver.</summary>
internal sealed class ReadCommand(RedisTier tier, IReadOnlyList<TierKey> keys, ITierReceiver receiver) : RedisCommand
{
    internal override void Write(IBufferWriter<byte> target)
    {
        RespWriter.Begin(target, keys.Count + 2);
        RespWriter.Word(target, "MGET"u8);
        RespWriter.Word(target, tier.GenerationKey);
        for (int i = 0; i < keys.Count; i++)
        {
            var key = keys[i].Bytes.Span;
            RespWriter.BeginWord(target, RedisNames.Root.Length + key.Length);
            target.Write(RedisNames.Root);
            target.Write(key);
            RespWriter.EndWord(target);
        }
    }

    protected override void Check(ref RespReader reader)
    {
        if (reader.Kind != RespKind.Array || reader.Count != keys.Count + 1) throw reader.Unexpected($"an array of {keys.Count + 1}");
    }

    protected override void Read(ref RespReader reader)
    {
        Check(ref reader);
        reader.Next();
        byte[] generation = tier.Learn(reader.Bytes);
        long epoch = BinaryPrimitives.ReadInt64LittleEndian(generation);
        for (int i = 0; i < keys.Count; i++)
        {
            reader.Next();
            bool isThere = reader.Kind == RespKind.Bulk && reader.Bytes.Length >= StoredHead.Length;
            receiver.Stamped(i, new(epoch, isThere ? StoredHead.StateOf(reader.Bytes) : 0, Sent));
            if (!isThere || !reader.Bytes.StartsWith(generation)) continue;
            receiver.Buffer(i).Write(reader.Bytes[StoredHead.Length..]);
            receiver.Found(i);
        }
    }
}
