using System.Text;

namespace Larder.Redis.Protocol;

/// <summary>Goes through one answer that <see cref="RespFrames"/> has found to be whole.</summary>
internal ref struct RespReader(ReadOnlySpan<byte> frame)
{
    private readonly ReadOnlySpan<byte> _frame = frame;
    private int _at;

    /// <summary>The type of the last value read.</summary>
    internal RespKind Kind { get; private set; }

    /// <summary>Its bytes, of a string, a line or a number.</summary>
    internal ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Of an aggregate: how many values follow. A map counts keys and values.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether there is another value.</summary>
    internal readonly bool IsAtEnd => _at >= _frame.Length;

    internal readonly bool IsError => Kind is RespKind.Error or RespKind.BulkError;

    /// <summary>The number that was read.</summary>
    /// <exception cref="RespException">It was none.</exception>
    internal readonly long Integer => Kind == RespKind.Integer ? RespNumber.Parse(Bytes) : throw Unexpected("a number");

    internal readonly string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Reads the next value, or the head of an aggregate. What describes it is passed over.</summary>
    internal void Next()
    {
        while (true)
        {
            Head();
            if (Kind != RespKind.Attribute) return;
            for (int i = Count; i > 0; i--) Skip();
        }
    }

    /// <summary>Passes over the next value, with all that is in it.</summary>
    internal void Skip()
    {
        Next();
        for (int i = Kind is RespKind.Array or RespKind.Set or RespKind.Push or RespKind.Map ? Count : 0; i > 0; i--) Skip();
    }

    /// <summary>What to say when something else was awaited.</summary>
    internal readonly RespException Unexpected(string awaited) => new($"The server answered with a {Kind} where {awaited} was awaited.");

    private void Head()
    {
        int end = _at + _frame[_at..].IndexOf("\r\n"u8);
        Kind = (RespKind)_frame[_at];
        Bytes = _frame[(_at + 1)..end];
        Count = 0;
        _at = end + 2;
        switch (Kind)
        {
            case RespKind.Bulk or RespKind.BulkError or RespKind.Verbatim:
                int length = (int)RespNumber.Parse(Bytes);
                if (length < 0)
                {
                    Kind = RespKind.Null;
                    Bytes = default;
                    return;
                }

                Bytes = _frame.Slice(_at, length);
                _at += length + 2;
                return;
            case RespKind.Array or RespKind.Set or RespKind.Push or RespKind.Map or RespKind.Attribute:
                Count = (int)RespNumber.Parse(Bytes);
                if (Count < 0) (Kind, Count) = (RespKind.Null, 0);
                if (Kind is RespKind.Map or RespKind.Attribute) Count *= 2;
                Bytes = default;
                return;
            default:
                return;
        }
    }
}
