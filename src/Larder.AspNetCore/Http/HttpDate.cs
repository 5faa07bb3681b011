using System.Globalization;

namespace Larder.AspNetCore.Http;

/// <summary>Instants as HTTP writes them (RFC 9110 §5.6.7): one form to write, three to read.</summary>
internal static class HttpDate
{
    private const DateTimeStyles AsUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    internal static string Format(DateTimeOffset instant) => instant.ToString("r", CultureInfo.InvariantCulture);

    /// <summary>The instant; null if the text is none. The day of the week is not held against it.</summary>
    internal static DateTimeOffset? Parse(string? text, DateTimeOffset now)
    {
        if (text is null) return null;
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0) return text.Length > 4 ? Exact(text.AsSpan(4), "MMM d HH:mm:ss yyyy") : null; // Sun Nov  6 08:49:37 1994
        var rest = text.AsSpan(comma + 1).Trim(' ');
        return Exact(rest, "dd MMM yyyy HH:mm:ss 'GMT'")       // Sun, 06 Nov 1994 08:49:37 GMT
            ?? NotTooFar(Exact(rest, "dd-MMM-yy HH:mm:ss 'GMT'"), now); // Sunday, 06-Nov-94 08:49:37 GMT
    }

    private static DateTimeOffset? Exact(ReadOnlySpan<char> text, string format) =>
        DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, AsUtc | DateTimeStyles.AllowInnerWhite, out var instant) ? instant : null;

    // A year of two digits is in this century, unless that is more than 50 years ahead.
    private static DateTimeOffset? NotTooFar(DateTimeOffset? instant, DateTimeOffset now)
    {
        if (instant is not { } read) return null;
        int year = now.Year - (now.Year % 100) + (read.Year % 100);
        return read.AddYears((year > now.Year + 50 ? year - 100 : year) - read.Year);
    }
}
