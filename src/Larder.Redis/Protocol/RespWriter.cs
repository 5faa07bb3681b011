using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Larder.Redis.Protocol;

/// <summary>Writes commands: arrays of strings.</summary>
internal static class RespWriter
{
    // A type, a number of any length, and the line's end.
    private const int HeadLength = 24;

    /// <summary>Begins a command of so many words, the first included.</summary>
    internal static void Begin(IBufferWriter<byte> target, int words) => Head(target, (byte)'*', words);

    internal static void Word(IBufferWriter<byte> target, ReadOnlySpan<byte> word)
    {
        Head(target, (byte)'$', word.Length);
        target.Write(word);
        target.Write("\r\n"u8);
    }

    internal static void Word(IBufferWriter<byte> target, string word)
    {
        Head(target, (byte)'$', Encoding.UTF8.GetByteCount(word));
        Encoding.UTF8.GetBytes(word, target);
        target.Write("\r\n"u8);
    }

    internal static void Word(IBufferWriter<byte> target, long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int length);
        Word(target, digits[..length]);
    }

    /// <summary>A word of several pieces.</summary>
    internal static void BeginWord(IBufferWriter<byte> target, long length) => Head(target, (byte)'$', length);

    internal static void EndWord(IBufferWriter<byte> target) => target.Write("\r\n"u8);

    private static void Head(IBufferWriter<byte> target, byte type, long number)
    {
        var room = target.GetSpan(HeadLength);
        room[0] = type;
        Utf8Formatter.TryFormat(number, room[1..], out int length);
        room[length + 1] = (byte)'\r';
        room[length + 2] = (byte)'\n';
        target.Advance(length + 3);
    }
}
