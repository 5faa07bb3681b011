using System.Buffers;
using Larder.Redis.Protocol;

namespace Larder.Redis.Connection;

/// <summary>A command that the server answers with a push, in nobody's turn.</summary>
internal sealed class Unanswered(IReadOnlyList<ReadOnlyMemory<byte>> words)
{
    internal void Write(IBufferWriter<byte> target)
    {
        RespWriter.Begin(target, words.Count);
        foreach (var word in words) RespWriter.Word(target, word.Span);
    }
}
