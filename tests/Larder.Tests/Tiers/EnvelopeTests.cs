using System.Buffers;
using System.Text;
using Larder.Tiers;

namespace Larder.Tests.Tiers;

public sealed class EnvelopeTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_checksum_is_CRC_32C()
    {
        // The vectors of RFC 3720, appendix B.4, and the customary one.
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    [Fact]
    public void The_checksum_is_the_same_in_one_piece_and_bit_by_bit()
    {
        byte[] bytes = new byte[1500];
        new Random(3).NextBytes(bytes);
        uint slow = Crc32C.Start;
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(slow, Crc32C.Append(Crc32C.Start, bytes.AsSpan(0, length)));
            slow ^= bytes[length];
            for (int bit = 0; bit < 8; bit++) slow = (slow >> 1) ^ ((slow & 1) == 0 ? 0 : 0x82F6_3B78);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200)]
    [InlineData(100_000)]
    public void What_is_sealed_is_read_again(int length)
    {
        using var buffer = new EnvelopeBuffer();
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        buffer.Write(payload);
        var envelope = buffer.Seal(Header("users", 4));
        Assert.Equal(EnvelopeFault.None, Envelope.Read(envelope.Span, out var header));
        Assert.Equal(Header("users", 4) with { UnpackedLength = length }, header);
        var pieces = Pieces.Of(envelope, 10, 64 + (length / 2));
        Assert.Equal(EnvelopeFault.None, Envelope.Read(pieces, out var again, out var read));
        Assert.Equal(header, again);
        Assert.Equal(payload, read.ToArray());
    }

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        // Written down once: an envelope of today must be readable for ever.
        const string today = "A74C445201000000020000002D462E0833338C6271842842E803000000000000D007000000000000B80B000000000000A00F00000000000002000000020000000102";
        byte[] envelope = new byte[66];
        envelope[64] = 1;
        envelope[65] = 2;
        Envelope.Seal(envelope, new(EnvelopeHeader.HashOf("users"), 2, 1000, 2000, 3000, 4000) { UnpackedLength = 2 });
        Assert.Equal(today, Convert.ToHexString(envelope));
        Assert.Equal(EnvelopeFault.None, Envelope.Read(Convert.FromHexString(today), out _));
    }

    [Fact]
    public void An_envelope_of_another_cache_or_schema_is_told_apart()
    {
        var header = Header("users", 4);
        Assert.Equal(EnvelopeFault.None, header.Check(EnvelopeHeader.HashOf("users"), 4));
        Assert.Equal(EnvelopeFault.OtherCache, header.Check(EnvelopeHeader.HashOf("orders"), 4));
        Assert.Equal(EnvelopeFault.OtherSchema, header.Check(EnvelopeHeader.HashOf("users"), 5));
    }

    [Fact]
    public void A_wall_clock_that_steps_makes_nothing_immortal_and_no_age_negative()
    {
        var header = Header("users", 1);
        Assert.Equal(TimeSpan.FromMinutes(5), header.Left(header.FreshUntil, _now));
        Assert.Equal(TimeSpan.FromMinutes(5), header.Left(header.FreshUntil, _now.AddYears(-10)));
        Assert.Equal(TimeSpan.Zero, header.Left(header.FreshUntil, _now.AddYears(10)));
        Assert.Equal(TimeSpan.Zero, header.Age(_now.AddYears(-10)));
        Assert.Equal(TimeSpan.MaxValue, header.Left(EnvelopeHeader.Never, _now.AddYears(10)));
    }

    [Theory]
    [InlineData(PayloadCodec.Brotli)]
    [InlineData(PayloadCodec.Deflate)]
    public void What_is_packed_is_unpacked_whatever_the_options_are_by_then(PayloadCodec codec)
    {
        byte[] payload = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the same again, ", 1000)));
        using var buffer = new EnvelopeBuffer();
        buffer.Write(payload);
        var envelope = buffer.Seal(Header("users", 1), new() { Codec = codec });
        Assert.True(envelope.Length < payload.Length / 10);
        Assert.Equal(EnvelopeFault.None, Envelope.Read(new(envelope), out var header, out var packed));
        Assert.Equal(codec, header.Codec);
        using var unpacked = new PooledBuffer();
        Assert.True(Packing.TryUnpack(packed, header, payload.Length, unpacked));
        Assert.Equal(payload, unpacked.Written.ToArray());
        Assert.True(Packing.TryUnpack(Pieces.Of(packed.ToArray(), 3, 9), header, payload.Length, unpacked));
        Assert.Equal(payload, unpacked.Written.ToArray());
    }

    [Theory]
    [InlineData(PayloadCodec.Brotli, 100)]
    [InlineData(PayloadCodec.Deflate, 100)]
    [InlineData(PayloadCodec.Brotli, 50_000)]
    [InlineData(PayloadCodec.Deflate, 50_000)]
    public void What_would_not_shrink_or_is_short_is_left_as_it_is(PayloadCodec codec, int length)
    {
        byte[] noise = new byte[length];
        new Random(1).NextBytes(noise);
        using var buffer = new EnvelopeBuffer();
        buffer.Write(noise);
        var envelope = buffer.Seal(Header("users", 1), new() { Codec = codec });
        Assert.Equal(EnvelopeFault.None, Envelope.Read(envelope.Span, out var header));
        Assert.Equal(PayloadCodec.None, header.Codec);
        Assert.Equal(Envelope.HeaderLength + length, envelope.Length);
    }

    [Theory]
    [InlineData(PayloadCodec.Brotli)]
    [InlineData(PayloadCodec.Deflate)]
    public void A_bomb_unpacks_to_nothing(PayloadCodec codec)
    {
        byte[] payload = new byte[1 << 20];
        using var buffer = new EnvelopeBuffer();
        buffer.Write(payload);
        Envelope.Read(new(buffer.Seal(Header("users", 1), new() { Codec = codec })), out var header, out var packed);
        using var unpacked = new PooledBuffer();
        Assert.False(Packing.TryUnpack(packed, header, payload.Length - 1, unpacked));
        Assert.False(Packing.TryUnpack(packed, header with { UnpackedLength = 5000 }, int.MaxValue, unpacked)); // It says less than there is.
        Assert.False(Packing.TryUnpack(packed, header with { UnpackedLength = payload.Length + 1 }, int.MaxValue, unpacked));
        Assert.False(Packing.TryUnpack(packed.Slice(0, packed.Length / 2), header, int.MaxValue, unpacked));
        Assert.False(Packing.TryUnpack(new([1, 2, 3, 4, 5]), header, int.MaxValue, unpacked));
    }

    [Fact]
    public void Faulty_compression_options_name_value_and_range()
    {
        string[] faults = [.. new CompressionOptions { Codec = (PayloadCodec)9, Threshold = -1, Level = (System.IO.Compression.CompressionLevel)8 }.Faults("Compression")];
        Assert.Equal(3, faults.Length);
        Assert.Contains("Compression.Threshold is -1; it must be zero or more.", faults);
    }

    private static EnvelopeHeader Header(string cache, int schema) => new(
        EnvelopeHeader.HashOf(cache), schema, _now.UtcTicks, _now.AddMinutes(5).UtcTicks, _now.AddHours(1).UtcTicks, _now.AddDays(1).UtcTicks);
}
