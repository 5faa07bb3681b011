using System.Buffers;
using System.Globalization;
using System.Text;

namespace Larder.Tiers;

/// <summary>The keys that have a form as text that is the same everywhere.</summary>
internal static class TextKeys
{
    // Enough for any of these types but text.
    private const int Longest = 64;

    private static readonly Dictionary<Type, object> _all = new()
    {
        [typeof(string)] = new Text(),
        [typeof(bool)] = new ByName<bool>("bool", static key => key ? "true" : "false", static text => bool.Parse(text)),
        [typeof(char)] = new ByName<char>("char", static key => ((int)key).ToString(CultureInfo.InvariantCulture), static text => (char)ushort.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)),
        [typeof(byte)] = new Formatted<byte>("u8", null),
        [typeof(sbyte)] = new Formatted<sbyte>("i8", null),
        [typeof(short)] = new Formatted<short>("i16", null),
        [typeof(ushort)] = new Formatted<ushort>("u16", null),
        [typeof(int)] = new Formatted<int>("i32", null),
        [typeof(uint)] = new Formatted<uint>("u32", null),
        [typeof(long)] = new Formatted<long>("i64", null),
        [typeof(ulong)] = new Formatted<ulong>("u64", null),
        [typeof(Int128)] = new Formatted<Int128>("i128", null),
        [typeof(UInt128)] = new Formatted<UInt128>("u128", null),
        [typeof(Guid)] = new Formatted<Guid>("guid", "D"),
        [typeof(TimeSpan)] = new ByName<TimeSpan>("span", static key => key.ToString("c", CultureInfo.InvariantCulture), static text => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture)),
        [typeof(DateOnly)] = new ByName<DateOnly>("date", static key => key.ToString("O", CultureInfo.InvariantCulture), static text => DateOnly.ParseExact(text, "O", CultureInfo.InvariantCulture)),
        [typeof(TimeOnly)] = new ByName<TimeOnly>("time", static key => key.ToString("O", CultureInfo.InvariantCulture), static text => TimeOnly.ParseExact(text, "O", CultureInfo.InvariantCulture)),
        // Keys that are equal must have the same bytes: instants are, whatever their kind or offset.
        [typeof(DateTime)] = new ByName<DateTime>("datetime", static key => key.Ticks.ToString(CultureInfo.InvariantCulture), static text => new(long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture))),
        [typeof(DateTimeOffset)] = new ByName<DateTimeOffset>("instant", static key => key.UtcTicks.ToString(CultureInfo.InvariantCulture), static text => new(long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture), TimeSpan.Zero)),
    };

    internal static KeyFormat<TKey>? Of<TKey>() => _all.TryGetValue(typeof(TKey), out object? found) ? (KeyFormat<TKey>)found : null;

    // Text that is no valid UTF-16 would share the bytes of the replacement character with other such text: it is refused.
    private sealed class Text : KeyFormat<string>
    {
        private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        public override string Tag => "s";

        public override void Write(string key, IBufferWriter<byte> target) => _strict.GetBytes(key, target);

        public override bool TryRead(ReadOnlySpan<byte> bytes, out string key)
        {
            try
            {
                key = _strict.GetString(bytes);
                return true;
            }
            catch (DecoderFallbackException)
            {
                key = "";
                return false;
            }
        }
    }

    private sealed class Formatted<TKey>(string tag, string? format) : KeyFormat<TKey> where TKey : IUtf8SpanFormattable, IUtf8SpanParsable<TKey>
    {
        public override string Tag => tag;

        public override void Write(TKey key, IBufferWriter<byte> target)
        {
            if (!key.TryFormat(target.GetSpan(Longest), out int written, format, CultureInfo.InvariantCulture)) throw new FormatException($"A key of type {typeof(TKey)} takes more than {Longest} bytes.");
            target.Advance(written);
        }

        public override bool TryRead(ReadOnlySpan<byte> bytes, out TKey key) => TKey.TryParse(bytes, CultureInfo.InvariantCulture, out key!);
    }

    private sealed class ByName<TKey>(string tag, Func<TKey, string> write, Func<string, TKey> read) : KeyFormat<TKey>
    {
        public override string Tag => tag;

        public override void Write(TKey key, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(write(key), target);

        public override bool TryRead(ReadOnlySpan<byte> bytes, out TKey key)
        {
            try
            {
                key = read(Encoding.UTF8.GetString(bytes));
                return true;
            }
            catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
            {
                key = default!;
                return false;
            }
        }
    }
}
