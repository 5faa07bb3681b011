using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Larder.Tiers;

/// <summary>Tier keys as text, for stores that take no bytes: different keys are different texts, and none has a control character.</summary>
internal static class TextNames
{
    private const byte Escape = (byte)'%', Delete = 0x7F;

    /// <summary>The key's own text; or, for one that is no text, has control characters or begins with a per cent sign, such a sign and then its bytes, of which all but plain ones are written as %XX.</summary>
    internal static string Of(TierKey key)
    {
        var bytes = key.Bytes.Span;
        if (!bytes.StartsWith(Escape) && !bytes.ContainsAnyInRange((byte)0, (byte)0x1F) && !bytes.Contains(Delete) && Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder("%");
        foreach (byte b in bytes)
        {
            if (b is > 0x20 and < Delete and not Escape) text.Append((char)b);
            else text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return text.ToString();
    }
}
