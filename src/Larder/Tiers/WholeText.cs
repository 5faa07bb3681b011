namespace Larder.Tiers;

/// <summary>Text that has a UTF-8 of its own.</summary>
internal static class WholeText
{
    /// <summary>Whether there is no half of a surrogate pair in it. Half of one has no bytes: all such texts would be the same in a tier.</summary>
    internal static bool Is(ReadOnlySpan<char> text)
    {
        for (int at; (at = text.IndexOfAnyInRange('\ud800', '\udfff')) >= 0; text = text[(at + 2)..])
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1])) return false;

        return true;
    }
}
