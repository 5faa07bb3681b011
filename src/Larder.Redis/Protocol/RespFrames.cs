namespace Larder.Redis.Protocol;

/// <summary>Tells where one whole answer ends. Trusts nothing, allocates nothing.</summary>
internal static class RespFrames
{
    /// <summary>The length of the first answer in the bytes; 0 if it is not whole yet, and then how many bytes it takes at least.</summary>
    /// <exception cref="RespException">It is none, or goes beyond the limits.</exception>
    internal static int Measure(ReadOnlySpan<byte> bytes, in RespLimits limits, out int needed)
    {
        Span<long> open = stackalloc long[limits.Depth + 1]; // How many values are still to come at each depth.
        open[0] = 1;
        int depth = 0, at = 0, elements = 0;
        while (true)
        {
            while (open[depth] == 0)
            {
                if (depth == 0)
                {
                    needed = at;
                    return at;
                }

                depth--;
            }

            open[depth]--;
            int end = LineEnd(bytes, at, limits.Line, out needed);
            if (end < 0) return 0;
            var kind = (RespKind)bytes[at];
            var line = bytes[(at + 1)..end];
            at = end + 2;
            switch (kind)
            {
                case RespKind.Bulk or RespKind.BulkError or RespKind.Verbatim:
                    long length = RespNumber.Parse(line);
                    if (length == -1 && kind == RespKind.Bulk) break;
                    if (length < 0 || length > limits.Bulk) throw new RespException($"A string of {length} bytes is promised; 0 to {limits.Bulk} are allowed.");
                    if (bytes.Length - at < length + 2)
                    {
                        needed = (int)Math.Min(int.MaxValue, at + length + 2);
                        return 0;
                    }

                    if (bytes[at + (int)length] != '\r' || bytes[at + (int)length + 1] != '\n') throw new RespException("A string does not end where it should.");
                    at += (int)length + 2;
                    break;
                case RespKind.Array or RespKind.Set or RespKind.Push or RespKind.Map or RespKind.Attribute:
                    long count = RespNumber.Parse(line);
                    if (count == -1 && kind == RespKind.Array) break;
                    if (count < 0 || count > limits.Elements) throw new RespException($"An aggregate of {count} values is promised; 0 to {limits.Elements} are allowed.");
                    if (kind is RespKind.Map or RespKind.Attribute) count *= 2;
                    if ((elements += (int)Math.Min(count, int.MaxValue / 2)) > limits.Elements) throw new RespException($"More than {limits.Elements} values are promised.");
                    if (kind == RespKind.Attribute) open[depth]++; // What it describes follows.
                    if (++depth > limits.Depth) throw new RespException($"Aggregates lie deeper in each other than {limits.Depth}.");
                    open[depth] = count;
                    break;
                default:
                    CheckLine(kind, line);
                    break;
            }
        }
    }

    private static void CheckLine(RespKind kind, ReadOnlySpan<byte> line)
    {
        switch (kind)
        {
            case RespKind.Simple or RespKind.Error or RespKind.BigNumber or RespKind.Double:
                break;
            case RespKind.Integer:
                RespNumber.Parse(line);
                break;
            case RespKind.Boolean:
                if (line is not ([(byte)'t'] or [(byte)'f'])) throw new RespException("A boolean is neither true nor false.");
                break;
            case RespKind.Null:
                if (!line.IsEmpty) throw new RespException("A null has a value.");
                break;
            default:
                throw new RespException($"An answer begins with byte {(byte)kind}, which is no type of RESP3 that is spoken here.");
        }
    }

    private static int LineEnd(ReadOnlySpan<byte> bytes, int at, int longest, out int needed)
    {
        var rest = bytes[at..];
        int end = rest[..Math.Min(rest.Length, longest)].IndexOf("\r\n"u8);
        needed = bytes.Length + 1;
        if (end > 0) return at + end;
        if (end == 0) throw new RespException("An answer is empty.");
        if (rest.Length >= longest) throw new RespException($"A line is longer than {longest} bytes.");
        if (rest.Length > 0 && !Enum.IsDefined((RespKind)rest[0])) throw new RespException($"An answer begins with byte {rest[0]}, which is no type of RESP3 that is spoken here.");
        return -1;
    }
}
