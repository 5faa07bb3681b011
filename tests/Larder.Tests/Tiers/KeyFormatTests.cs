using System.Globalization;
using System.Text;
using Larder.Tiers;

namespace Larder.Tests.Tiers;

public sealed class KeyFormatTests
{
    [Fact]
    public void Every_type_with_a_format_comes_back_from_its_bytes_whatever_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        odd.NumberFormat.NegativeSign = "minus";
        odd.DateTimeFormat.DateSeparator = ".";
        CultureInfo.CurrentCulture = odd;
        try
        {
            Same("text with / and ä and \0", "text with / and ä and \0");
            Same("", "");
            Same(true, "true");
            Same('ß', "223");
            Same((byte)200, "200");
            Same((sbyte)-100, "-100");
            Same((short)-3, "-3");
            Same((ushort)3, "3");
            Same(-42, "-42");
            Same(42u, "42");
            Same(long.MinValue, "-9223372036854775808");
            Same(ulong.MaxValue, "18446744073709551615");
            Same(Int128.MinValue, Int128.MinValue.ToString(CultureInfo.InvariantCulture));
            Same(UInt128.MaxValue, UInt128.MaxValue.ToString(CultureInfo.InvariantCulture));
            Same(Guid.Empty, "00000000-0000-0000-0000-000000000000");
            Same(new DateOnly(2026, 11, 21), "2026-11-21");
            Same(new TimeOnly(1, 2, 3), "01:02:03.0000000");
            Same(TimeSpan.FromSeconds(-1.5), "-00:00:01.5000000");
            Same(new DateTime(5), "5");
            Same(new DateTimeOffset(2026, 1, 1, 2, 0, 0, TimeSpan.FromHours(2)), "639028224000000000");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Bytes_that_are_no_key_are_told_apart_and_throw_nothing()
    {
        Assert.False(KeyFormat.Default<int>().TryRead("1x"u8, out _));
        Assert.False(KeyFormat.Default<Guid>().TryRead("1"u8, out _));
        Assert.False(KeyFormat.Default<DateOnly>().TryRead("yesterday"u8, out _));
        Assert.False(KeyFormat.Default<string>().TryRead([0xFF, 0xFE], out _));
        Assert.False(KeyFormat.Of<Version>("version", static key => key.ToString(), Version.Parse).TryRead("x"u8, out _));
        Assert.False(KeyFormat.HasDefault<Version>());
        Assert.Throws<NotSupportedException>(static () => KeyFormat.Default<Version>());
    }

    [Fact]
    public void Text_that_is_no_valid_text_is_refused_rather_than_confused_with_other_such_text() =>
        Assert.Throws<EncoderFallbackException>(static () => KeyFormat.Default<string>().Write("\uD800", new PooledBuffer()));

    private static void Same<TKey>(TKey key, string text)
    {
        using var buffer = new PooledBuffer();
        KeyFormat.Default<TKey>().Write(key, buffer);
        Assert.Equal(text, Encoding.UTF8.GetString(buffer.Written.Span));
        Assert.True(KeyFormat.Default<TKey>().TryRead(buffer.Written.Span, out var read));
        Assert.Equal(key, read);
    }
}
