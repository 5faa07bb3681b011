using System.Buffers;
using Larder.Redis.Protocol;

namespace Larder.Redis.Connection;

/// <summary>Reads an answer whose head has been read.</summary>
internal delegate T RespParser<out T>(ref RespReader reader);

/// <summary>A command of some words, for what is seldom sent.</summary>
internal sealed class WordsCommand<T>(IReadOnlyList<ReadOnlyMemory<byte>> words, RespParser<T> parse) : RedisCommand
{
    /// <summary>The answer, once it has come.</summary>
    internal T? Result { get; private set; }

    // The key stands second; where a script is run, fourth.
    internal override int Slot => HashSlot.Of(words[words[0].Span.SequenceEqual("EVAL"u8) ? 3 : 1].Span);

    internal override void Write(IBufferWriter<byte> target)
    {
        RespWriter.Begin(target, words.Count);
        foreach (var word in words) RespWriter.Word(target, word.Span);
    }

    protected override void Read(ref RespReader reader) => Result = parse(ref reader);

    // Reading has no effect but the result.
    protected override void Check(ref RespReader reader) => parse(ref reader);
}
