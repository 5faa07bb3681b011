using System.Buffers;
using System.Globalization;
using System.Text;
using Larder.AspNetCore.Http;
using Larder.TestKit;

namespace Larder.AspNetCore.Tests.Http;

/// <summary>Whatever bytes a server sends: nothing throws, nothing is negative, and what says the same is read the same.</summary>
public sealed class ParsingTests
{
    private static readonly DateTimeOffset _now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] _words =
    [
        "max-age", "min-fresh", "max-stale", "no-cache", "no-store", "private", "public", "immutable", "must-revalidate", "must-understand", "only-if-cached", "stale-if-error",
        "stale-while-revalidate", "=", "=", ",", ",", "\"", "\\", "60", "-1", "1.5", "99999999999", " ", "\t", "x", "\u00e9", "\0", "*", ";",
    ];

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    [InlineData("Fri, 06 Nov 1994 08:49:37 GMT")]
    public void An_instant_is_read_in_all_three_forms(string text) => Assert.Equal(new DateTimeOffset(1994, 11, 6, 8, 49, 37, TimeSpan.Zero), HttpDate.Parse(text, _now));

    [Theory]
    [InlineData("Sunday, 06-Nov-76 08:49:37 GMT", 2076)]
    [InlineData("Sunday, 06-Nov-77 08:49:37 GMT", 1977)]
    [InlineData("Sunday, 06-Nov-00 08:49:37 GMT", 2000)]
    public void A_year_of_two_digits_is_at_most_50_years_ahead(string text, int year) => Assert.Equal(year, HttpDate.Parse(text, _now)!.Value.Year);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("Sun, 06 Nov 1994 08:49:37")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 CET")]
    [InlineData("Sun, 31 Feb 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 25:49:37 GMT")]
    [InlineData("1994-11-06T08:49:37Z")]
    public void What_is_no_instant_is_none(string? text) => Assert.Null(HttpDate.Parse(text, _now));

    [Fact]
    public void What_is_written_is_read() => Assert.Equal(_now, HttpDate.Parse(HttpDate.Format(_now), _now));

    [Fact]
    public void Any_text_is_read_and_nothing_in_it_is_below_zero()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        for (int i = 0; i < 4_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => _words[random.Next(_words.Length)]));
            try
            {
                var said = CacheControl.Of(Lines("Cache-Control", text));
                foreach (var time in new[] { said.MaxAge, said.MinFresh, said.MaxStale, said.StaleIfError, said.StaleWhileRevalidate }) Assert.False(time < TimeSpan.Zero);

                // Case and the space between directives mean nothing.
                Assert.Equal(said, CacheControl.Of(Lines("Cache-Control", Louder(text))));
                var lines = new HeaderLines([new("Cache-Control", text), new("Date", text), new("Age", text), new("Expires", text), new("Vary", text), new("Last-Modified", text), new("ETag", text), new("Connection", text)]);
                var freshness = Larder.AspNetCore.Http.Freshness.Of(200, lines, _now, _now, new());
                Assert.True(freshness.Lifetime >= TimeSpan.Zero && freshness.AgeAt(_now) >= TimeSpan.Zero);
                _ = freshness.ToLifetime(_now, hasValidator: true, TimeSpan.FromDays(1));
                _ = Storability.IsStorable(200, said, lines);
                _ = VaryRule.SelectorOf(VaryRule.NamesOf(lines) ?? [], lines);
            }
            catch (Exception error)
            {
                Assert.Fail($"Seed {seed}, '{text}': {error}");
            }
        }
    }

    [Fact]
    public void An_entry_is_read_as_it_was_written_whatever_is_in_it()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        var serializer = new EntrySerializer(new());
        for (int i = 0; i < 500; i++)
        {
            var stored = Made(random);
            var read = Assert.IsType<StoredResponse>(serializer.Deserialize(new(Bytes(serializer, stored))));
            Assert.True(read.Head == stored.Head && read.Body.AsSpan().SequenceEqual(stored.Body) && read.Headers.Lines.SequenceEqual(stored.Headers.Lines), $"Seed {seed}");
        }

        var rule = VaryRule.Of(["accept", "x"]);
        var again = Assert.IsType<VaryRule>(serializer.Deserialize(new(Bytes(serializer, rule))));
        Assert.Equal((rule.Generation, "accept,x"), (again.Generation, string.Join(',', again.Names)));
    }

    [Fact]
    public void Any_bytes_are_an_entry_or_a_format_error()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        var serializer = new EntrySerializer(new());
        for (int i = 0; i < 4_000; i++)
        {
            byte[] bytes = Bytes(serializer, random.Next(4) == 0 ? VaryRule.Of(["accept", "x"]) : Made(random));
            for (int changes = random.Next(4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                serializer.Deserialize(new(bytes));
            }
            catch (FormatException)
            {
                // As it should be.
            }
            catch (Exception error)
            {
                Assert.Fail($"Seed {seed}: {error}");
            }
        }
    }

    private static StoredResponse Made(Random random) => new(
        new(200 + random.Next(300), random.Next(2) == 0 ? null : "Odd \u00e9\"\\ reason", new(2, 0), _now, _now.AddTicks(random.NextInt64(1_000_000)), ""),
        new([.. Enumerable.Range(0, random.Next(5)).Select(i => new KeyValuePair<string, string>($"X-{i}", _words[random.Next(_words.Length)]))]),
        [.. Enumerable.Range(0, random.Next(50)).Select(_ => (byte)random.Next(256))],
        new());

    private static byte[] Bytes(EntrySerializer serializer, HttpEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>();
        serializer.Serialize(entry, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static HeaderLines Lines(string name, string value) => new([new(name, value)]);

    // Upper case, and space around the commas that part directives.
    private static string Louder(string text)
    {
        var louder = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') isQuoted = !isQuoted;
            if (text[i] == '\\' && isQuoted && i + 1 < text.Length) louder.Append(text[i++]);
            louder.Append(text[i] == ',' && !isQuoted ? " ,\t" : char.ToUpper(text[i], CultureInfo.InvariantCulture).ToString());
        }

        return louder.ToString();
    }
}
