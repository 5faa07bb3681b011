using System.Buffers.Text;

namespace Larder.Redis.Protocol;

/// <summary>Whole numbers as RESP has them.</summary>
internal static class RespNumber
{
    /// <exception cref="RespException">It is none.</exception>
    internal static long Parse(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out int used) && used == text.Length && text[0] != '+' ? number : throw new RespException("A number is none.");
}
