using System.Buffers;
using System.Buffers.Binary;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder.Redis;

/// <summary>Reads keys together, with the generation that they must be of. What is found goes straight to the receiver.</summary>
/// <param name="generations">The generations.</param>
/// <param name="slot">The slot of a cluster in which all the keys lie, or anywhere on one server.</param>
/// <param name="keys">The keys.</param>
/// <param name="receiver">Whose it is what is found.</param>
internal class ReadCommand(Generations generations, int slot, IReadOnlyList<TierKey> keys, ITierReceiver receiver) : RedisCommand
{
    internal sealed override int Slot => slot;

    protected IReadOnlyList<TierKey> Keys => keys;

    protected ITierReceiver Receiver => receiver;

    internal sealed override bool IsDivisible => true;

    /// <summary>Whether there is no generation, once it was answered.</summary>
    internal bool FoundNone { get; private set; }

    internal sealed override void Write(IBufferWriter<byte> target)
    {
        RespWriter.Begin(target, keys.Count + 2);
        RespWriter.Word(target, "MGET"u8);
        ReadOnlySpan<byte> generationKey = generations.KeyOf(slot), tag = Generations.TagOf(slot);
        RespWriter.BeginWord(target, generationKey.Length + tag.Length);
        target.Write(generationKey);
        target.Write(tag);
        RespWriter.EndWord(target);
        for (int i = 0; i < keys.Count; i++)
        {
            var key = keys[i].Bytes.Span;
            RespWriter.BeginWord(target, RedisNames.Root.Length + key.Length);
            target.Write(RedisNames.Root);
            target.Write(key);
            RespWriter.EndWord(target);
        }
    }

    /// <summary>Takes over what stands under a key, if it is of that generation, and in which state the key is.</summary>
    internal static void Take(ref RespReader reader, long generation, bool isNone, long asked, ITierReceiver receiver, int position)
    {
        bool isThere = reader.Kind == RespKind.Bulk && reader.Bytes.Length >= StoredHead.Length;
        receiver.Stamped(position, new(generation, isThere ? StoredHead.StateOf(reader.Bytes) : 0, asked));
        if (!isThere || isNone || BinaryPrimitives.ReadInt64LittleEndian(reader.Bytes) != generation) return;
        receiver.Buffer(position).Write(reader.Bytes[StoredHead.Length..]);
        receiver.Found(position);
    }

    protected sealed override void Check(ref RespReader reader)
    {
        if (reader.Kind != RespKind.Array || reader.Count != keys.Count + 1) throw reader.Unexpected($"an array of {keys.Count + 1}");
    }

    protected sealed override void Read(ref RespReader reader)
    {
        Check(ref reader);
        reader.Next();
        long generation = generations.Learn(slot, reader.Bytes);
        FoundNone = generation == Generations.None;
        for (int i = 0; i < keys.Count; i++)
        {
            reader.Next();
            Take(ref reader, generation, FoundNone, Sent, receiver, i);
        }
    }
}
