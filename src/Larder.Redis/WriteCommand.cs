using System.Buffers;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder.Redis;

/// <summary>Writes one entry, or removes it if its time has passed.</summary>
internal sealed class WriteCommand(TierEntry entry, byte[] generation, long milliseconds) : RedisCommand
{
    internal override void Write(IBufferWriter<byte> target)
    {
        bool isOver = milliseconds <= 0;
        RespWriter.Begin(target, isOver ? 2 : 5);
        RespWriter.Word(target, isOver ? "UNLINK"u8 : "SET"u8);
        var key = entry.Key.Bytes.Span;
        RespWriter.BeginWord(target, RedisNames.Root.Length + key.Length);
        target.Write(RedisNames.Root);
        target.Write(key);
        RespWriter.EndWord(target);
        if (isOver) return;
        RespWriter.BeginWord(target, generation.Length + entry.Payload.Length);
        target.Write(generation);
        foreach (var piece in entry.Payload) target.Write(piece.Span);
        RespWriter.EndWord(target);
        RespWriter.Word(target, "PX"u8);
        RespWriter.Word(target, milliseconds);
    }

    protected override void Read(ref RespReader reader)
    {
    }
}
