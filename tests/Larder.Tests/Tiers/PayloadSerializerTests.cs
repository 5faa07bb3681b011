using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Larder.Tiers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Tests.Tiers;

public sealed partial class PayloadSerializerTests
{
    private static readonly DateTime _instant = new(2026, 5, 4, 3, 2, 1, DateTimeKind.Utc);

    [Fact]
    public void Every_raw_type_comes_back_as_it_was()
    {
        Comes_back("", "grüße 🎂");
        Comes_back(true, false);
        Comes_back((byte)0, byte.MaxValue);
        Comes_back(sbyte.MinValue, sbyte.MaxValue);
        Comes_back('\0', '\uFFFF', 'x');
        Comes_back(short.MinValue, short.MaxValue);
        Comes_back(ushort.MaxValue);
        Comes_back(int.MinValue, 0, int.MaxValue);
        Comes_back(uint.MaxValue);
        Comes_back(long.MinValue, long.MaxValue);
        Comes_back(ulong.MaxValue);
        Comes_back(Int128.MinValue, Int128.MaxValue);
        Comes_back(UInt128.MaxValue);
        Comes_back(Half.Epsilon, Half.NaN);
        Comes_back(float.NegativeInfinity, float.NaN);
        Comes_back(double.Epsilon, -0.0);
        Comes_back(decimal.MinValue, 1.10m, decimal.MaxValue);
        Comes_back(Guid.Empty, Guid.Parse("01234567-89ab-cdef-0123-456789abcdef"));
        Comes_back(TimeSpan.MinValue, TimeSpan.MaxValue);
        Comes_back(_instant, DateTime.MinValue, DateTime.MaxValue);
        Comes_back(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(-570)), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Comes_back(DateOnly.MinValue, DateOnly.MaxValue);
        Comes_back(TimeOnly.MinValue, TimeOnly.MaxValue);
    }

    [Fact]
    public void Bytes_come_back_as_they_were()
    {
        Assert.Equal([1, 2, 3], Through(PayloadSerializer.Raw<byte[]>(), [1, 2, 3]));
        Assert.Empty(Through(PayloadSerializer.Raw<byte[]>(), []));
        Assert.Equal([7], Through(PayloadSerializer.Raw<ReadOnlyMemory<byte>>(), new byte[] { 7 }).ToArray());
        Assert.Equal([8], Through(PayloadSerializer.Raw<Memory<byte>>(), new byte[] { 8 }).ToArray());
    }

    [Fact]
    public void A_time_keeps_its_kind()
    {
        foreach (var kind in Enum.GetValues<DateTimeKind>())
            Assert.Equal(kind, Through(PayloadSerializer.Raw<DateTime>(), DateTime.SpecifyKind(_instant, kind)).Kind);
    }

    [Fact]
    public void Numbers_are_little_endian() => Assert.Equal([4, 3, 2, 1], Bytes(PayloadSerializer.Raw<int>(), 0x01020304));

    [Fact]
    public void Bytes_of_another_length_or_of_no_text_are_refused()
    {
        Assert.Throws<FormatException>(() => PayloadSerializer.Raw<int>().Deserialize(new(new byte[3])));
        Assert.Throws<FormatException>(() => PayloadSerializer.Raw<bool>().Deserialize(new(new byte[] { 2 })));
        Assert.ThrowsAny<ArgumentException>(() => PayloadSerializer.Raw<string>().Deserialize(new(new byte[] { 0xFF })));
        Assert.ThrowsAny<ArgumentException>(() => Bytes(PayloadSerializer.Raw<string>(), "\uD800"));
    }

    [Fact]
    public void A_type_without_a_raw_form_is_refused_by_name()
    {
        Assert.False(PayloadSerializer.HasRaw<Product>());
        Assert.Contains(nameof(Product), Assert.Throws<NotSupportedException>(() => PayloadSerializer.Raw<Product>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_generated_context_is_honoured()
    {
        var serializer = PayloadSerializer.Json<Product>(ShopJson.Default);
        byte[] bytes = Bytes(serializer, new("lamp", 3));
        Assert.Equal("{\"product_name\":\"lamp\",\"count\":3}"u8, bytes);
        Assert.Equal(new("lamp", 3), serializer.Deserialize(Pieces.Of(bytes, 5, 20)));
        Assert.Equal(bytes, Bytes(PayloadSerializer.Json(ShopJson.Default.Product), new("lamp", 3)));
    }

    [Fact]
    public void A_context_that_does_not_know_the_type_says_so() =>
        Assert.Contains(nameof(PayloadSerializerTests), Assert.Throws<ArgumentException>(() => PayloadSerializer.Json<PayloadSerializerTests>(ShopJson.Default)).Message, StringComparison.Ordinal);

    [Fact]
    public void Json_by_reflection_follows_its_options()
    {
        var serializer = PayloadSerializer.Json<Product>(new JsonSerializerOptions(JsonSerializerDefaults.Web));
        Assert.Equal("{\"product_name\":\"lamp\",\"count\":3}"u8, Bytes(serializer, new("lamp", 3)));
        Assert.Equal(new("lamp", 3), Through(PayloadSerializer.Default<Product>(), new("lamp", 3)));
    }

    [Fact]
    public void What_stands_behind_the_json_is_refused() =>
        Assert.ThrowsAny<JsonException>(() => PayloadSerializer.Default<Product>().Deserialize(new("{} {}"u8.ToArray())));

    private static void Comes_back<T>(params T[] values)
    {
        foreach (var value in values)
        {
            Assert.Equal(value, Through(PayloadSerializer.Raw<T>(), value));
            byte[] bytes = Bytes(PayloadSerializer.Raw<T>(), value);
            Assert.Equal(value, PayloadSerializer.Raw<T>().Deserialize(Pieces.Of(bytes, bytes.Length / 2, bytes.Length)));
        }
    }

    private static T Through<T>(IHybridCacheSerializer<T> serializer, T value) => serializer.Deserialize(new(Bytes(serializer, value)));

    private static byte[] Bytes<T>(IHybridCacheSerializer<T> serializer, T value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        serializer.Serialize(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    internal sealed record Product([property: JsonPropertyName("product_name")] string Name, int Count);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Product))]
    private sealed partial class ShopJson : JsonSerializerContext;
}
