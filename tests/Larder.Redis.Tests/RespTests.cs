using System.Buffers;
using System.Globalization;
using System.Text;
using Larder.Redis.Protocol;
using Larder.TestKit;

namespace Larder.Redis.Tests;

public sealed class RespTests
{
    private static readonly string[] _wholes =
    [
        "+OK\r\n", "-ERR no\r\n", ":42\r\n", ":-9223372036854775808\r\n", "$5\r\nhello\r\n", "$0\r\n\r\n", "$-1\r\n", "_\r\n", "#t\r\n", "#f\r\n", ",3.14\r\n", ",inf\r\n", "(123456789012345678901234567890\r\n",
        "!5\r\nERR x\r\n", "=7\r\ntxt:abc\r\n", "*0\r\n", "*-1\r\n", "*2\r\n$1\r\na\r\n:1\r\n", "~1\r\n+x\r\n", "%1\r\n+k\r\n*1\r\n_\r\n", ">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n",
        "|1\r\n+ttl\r\n:3\r\n$1\r\nv\r\n", "*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n:2\r\n",
    ];

    private static int Rounds => int.Parse(Environment.GetEnvironmentVariable("LARDER_FUZZ_ROUNDS") ?? "1000000", CultureInfo.InvariantCulture);

    [Fact]
    public void An_answer_is_whole_at_its_last_byte_and_not_before()
    {
        foreach (string whole in _wholes)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(whole);
            for (int cut = 0; cut < bytes.Length; cut++)
            {
                Assert.Equal(0, RespFrames.Measure(bytes.AsSpan(0, cut), RespLimits.Default, out int needed));
                Assert.InRange(needed, cut + 1, bytes.Length);
            }

            Assert.Equal(bytes.Length, RespFrames.Measure([.. bytes, .. "+more\r\n"u8], RespLimits.Default, out _));
            var reader = new RespReader(bytes);
            reader.Skip();
            Assert.True(reader.IsAtEnd);
        }
    }

    [Theory]
    [InlineData("x\r\n")]
    [InlineData("\r\n")]
    [InlineData("$5\r\nhelloXX")]
    [InlineData("$-2\r\n")]
    [InlineData("$99999999999\r\n")]
    [InlineData("*2000000\r\n")]
    [InlineData("*-5\r\n")]
    [InlineData(":1x\r\n")]
    [InlineData(":\r\n")]
    [InlineData("#x\r\n")]
    [InlineData("_x\r\n")]
    [InlineData("$?\r\n")]
    [InlineData("%600000\r\n")]
    public void What_is_no_answer_or_promises_too_much_is_refused_at_once(string text) =>
        Assert.Throws<RespException>(() => RespFrames.Measure(Encoding.UTF8.GetBytes(text), RespLimits.Default, out _));

    [Fact]
    public void Answers_that_lie_too_deep_in_each_other_are_refused() =>
        Assert.Throws<RespException>(() => RespFrames.Measure(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("*1\r\n", 100))), RespLimits.Default, out _));

    [Fact]
    public void A_million_mutated_streams_are_read_or_refused_and_nothing_else()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        byte[][] originals = [.. _wholes.Select(Encoding.UTF8.GetBytes)];
        byte[] room = new byte[1024];
        int whole = 0, refused = 0, partial = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            int length = 0;
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                byte[] one = originals[random.Next(originals.Length)];
                one.CopyTo(room, length);
                length += one.Length;
            }

            for (int i = random.Next(4); i > 0; i--) room[random.Next(length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "\r\n0123456789-$*:%|>_"u8[random.Next(19)]);
            if (random.Next(4) == 0) length = random.Next(length + 1);
            if (round % 512 == 0) CheckPrefixes(room.AsSpan(0, length), $"With {Seeds.Variable}={seed}, round {round}");
            try
            {
                int found = RespFrames.Measure(room.AsSpan(0, length), RespLimits.Default, out int needed);
                if (found == 0)
                {
                    partial++;
                    if (needed <= length) Assert.Fail($"With {Seeds.Variable}={seed}, round {round}: {length} bytes are too few, yet {needed} would do.");
                    continue;
                }

                whole++;
                var reader = new RespReader(room.AsSpan(0, found));
                reader.Skip();
                if (!reader.IsAtEnd) Assert.Fail($"With {Seeds.Variable}={seed}, round {round}: the reader ends elsewhere.");
            }
            catch (RespException)
            {
                refused++;
            }
        }

        Assert.True(whole > 0 && refused > 0 && partial > 0);

        // A refusal is an exception with a text; nothing else is allocated, whatever is promised.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000L * Rounds);
    }

    // However much of it has come: never more is waited for than is there, and what is decided once stays decided.
    private static void CheckPrefixes(ReadOnlySpan<byte> stream, string where)
    {
        int whole = Measured(stream, out _);
        int last = 0;
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            int found = Measured(stream[..cut], out int needed);
            if (found == 0) Assert.True(needed > cut && (whole <= 0 || needed <= whole), $"{where}: of {cut} bytes {needed} are awaited, where {whole} are an answer.");
            else Assert.True(found == whole && (last == 0 || last == found), $"{where}: {cut} bytes are found to be {found}, all {whole}.");
            last = found;
        }

        static int Measured(ReadOnlySpan<byte> bytes, out int needed)
        {
            needed = 0;
            try
            {
                return RespFrames.Measure(bytes, RespLimits.Default, out needed);
            }
            catch (RespException)
            {
                return -1;
            }
        }
    }

    [Fact]
    public void Commands_are_written_as_arrays_of_strings()
    {
        var target = new ArrayBufferWriter<byte>();
        RespWriter.Begin(target, 3);
        RespWriter.Word(target, "SET"u8);
        RespWriter.Word(target, "ä");
        RespWriter.Word(target, -12);
        Assert.Equal("*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$3\r\n-12\r\n", Encoding.UTF8.GetString(target.WrittenSpan));
    }
}
