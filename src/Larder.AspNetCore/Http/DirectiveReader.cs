namespace Larder.AspNetCore.Http;

/// <summary>
/// Goes through a list such as that of <c>Cache-Control</c>: <c>name, name=token, name="quoted, text"</c> (RFC 9111 §5.2). What is no such part is
/// passed over up to the next comma outside quotes; nothing is too malformed to be read.
/// </summary>
internal ref struct DirectiveReader(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>The name, as it stands there.</summary>
    internal ReadOnlySpan<char> Name { get; private set; }

    /// <summary>What stands behind the equals sign, without quotes.</summary>
    internal ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Whether there is an equals sign, and a value in one of the two forms behind it.</summary>
    internal bool HasValue { get; private set; }

    /// <summary>Whether there is an equals sign, and behind it neither a token nor quoted text.</summary>
    internal bool IsMalformed { get; private set; }

    internal bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int end = EndOfPart(_rest);
            var part = _rest[..end].Trim(" \t");
            _rest = end == _rest.Length ? default : _rest[(end + 1)..];
            if (part.IsEmpty) continue;
            int equals = part.IndexOf('=');
            Name = equals < 0 ? part : part[..equals];
            Value = equals < 0 ? default : part[(equals + 1)..];
            HasValue = equals >= 0 && TryUnquote();
            IsMalformed = equals >= 0 && !HasValue;
            return true;
        }

        return false;
    }

    internal readonly bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    // A comma inside quotes ends nothing; a quote that is never closed reaches to the end.
    private static int EndOfPart(ReadOnlySpan<char> text)
    {
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') isQuoted = !isQuoted;
            else if (text[i] == '\\' && isQuoted) i++;
            else if (text[i] == ',' && !isQuoted) return i;
        }

        return text.Length;
    }

    private bool TryUnquote()
    {
        if (Value is ['"', .. var inner, '"'])
        {
            // What is needed of quoted text is numbers, which have no escapes.
            Value = inner;
            return true;
        }

        return !Value.IsEmpty && !Value.ContainsAny(" \t\"");
    }
}
