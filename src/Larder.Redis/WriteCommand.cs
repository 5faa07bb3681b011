using System.Buffers;
using System.Buffers.Binary;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder.Redis;

/// <summary>Writes one entry, or remembers its removal.</summary>
/// <remarks>
/// An entry that is written over a certain state only goes by a transaction: a script that compares and writes, and then the time of the entry. For the server tells a
/// client of what its script has changed, yet not of what the client itself has changed last.
/// </remarks>
/// <param name="key">The tier's key.</param>
/// <param name="payload">The value; empty for a removal.</param>
/// <param name="head">The number of the generation, and that of the value.</param>
/// <param name="milliseconds">For how long.</param>
/// <param name="over">In which state the key must be.</param>
/// <param name="isTracked">Whether the server tells of the keys alone that were read: then this one is read.</param>
internal sealed class WriteCommand(TierKey key, ReadOnlySequence<byte> payload, (long Generation, long State) head, long milliseconds, TierStamp? over, bool isTracked) : RedisCommand
{
    private static ReadOnlySpan<byte> Compare => "if redis.call('GETRANGE', KEYS[1], 8, 15) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0"u8;

    private bool Compares => over is { State: not 0 };

    private int Parts => (Compares ? 2 : 1) + (isTracked ? 1 : 0);

    protected override string? Refusal { get; set; }

    internal override int Slot => RedisNames.Slot(key);

    internal override int Answers => Parts > 1 ? Parts + 2 : 1;

    internal override void Write(IBufferWriter<byte> target)
    {
        if (Parts > 1) One(target, "MULTI"u8);
        if (Compares) WriteCompared(target);
        else WritePlain(target);
        if (isTracked)
        {
            RespWriter.Begin(target, 2);
            RespWriter.Word(target, "EXISTS"u8);
            WriteKey(target);
        }

        if (Parts > 1) One(target, "EXEC"u8);
    }

    protected override void Check(ref RespReader reader)
    {
        bool isRight = Parts > 1 ? reader.Kind == RespKind.Array && reader.Count == Parts : reader.Kind is RespKind.Simple or RespKind.Null;
        if (!isRight) throw reader.Unexpected(Parts > 1 ? $"an array of {Parts}" : "a word or nothing");
    }

    protected override void Read(ref RespReader reader)
    {
        Check(ref reader);
        for (int i = reader.Count; i > 0; i--)
        {
            reader.Next();
            if (reader.IsError) throw new RedisException(reader.Text);
        }
    }

    private static void One(IBufferWriter<byte> target, ReadOnlySpan<byte> word)
    {
        RespWriter.Begin(target, 1);
        RespWriter.Word(target, word);
    }

    private void WritePlain(IBufferWriter<byte> target)
    {
        RespWriter.Begin(target, over is null ? 5 : 6);
        RespWriter.Word(target, "SET"u8);
        WriteKey(target);
        WriteValue(target);
        RespWriter.Word(target, "PX"u8);
        RespWriter.Word(target, milliseconds);
        if (over is not null) RespWriter.Word(target, "NX"u8);
    }

    private void WriteCompared(IBufferWriter<byte> target)
    {
        Span<byte> state = stackalloc byte[StoredHead.StateLength];
        BinaryPrimitives.WriteInt64LittleEndian(state, over!.Value.State);
        RespWriter.Begin(target, 6);
        RespWriter.Word(target, "EVAL"u8);
        RespWriter.Word(target, Compare);
        RespWriter.Word(target, "1"u8);
        WriteKey(target);
        RespWriter.Word(target, state);
        WriteValue(target);
        RespWriter.Begin(target, 4);
        RespWriter.Word(target, "PEXPIRE"u8);
        WriteKey(target);
        RespWriter.Word(target, milliseconds);
        RespWriter.Word(target, "NX"u8);
    }

    private void WriteKey(IBufferWriter<byte> target)
    {
        var bytes = key.Bytes.Span;
        RespWriter.BeginWord(target, RedisNames.Root.Length + bytes.Length);
        target.Write(RedisNames.Root);
        target.Write(bytes);
        RespWriter.EndWord(target);
    }

    private void WriteValue(IBufferWriter<byte> target)
    {
        Span<byte> written = stackalloc byte[StoredHead.Length];
        StoredHead.Write(written, head.Generation, head.State);
        RespWriter.BeginWord(target, StoredHead.Length + payload.Length);
        target.Write(written);
        foreach (var piece in payload) target.Write(piece.Span);
        RespWriter.EndWord(target);
    }
}
